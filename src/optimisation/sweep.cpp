#include "src/optimisation/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include "kernels/reduce.hpp"
#include "src/base/random.hpp"
#include "src/optimisation/turns.hpp"

namespace tessera {

Schedule whole_schedule(Index positions, Index batch) {
  Schedule schedule;
  for (Index first = 0; first < positions; first += batch)
    schedule.push_back({first, std::min(batch, positions - first)});
  return schedule;
}

template <class Real>
Sweep<Real>::Sweep(ForwardModel<Real>& model, const DataTerm<Real>& data, int lanes) : model_(model), data_(data) {
  for (int lane = 0; lane < lanes; ++lane)
    spaces_.push_back({model.make_space(), data.make_space(model.shape().batch)});
}

template <class Real>
SweepSums Sweep<Real>::run(const Schedule& schedule, const Compute& compute, bool adjoint, const Progress& progress) {
  const auto lanes = static_cast<Index>(spaces_.size()), count = static_cast<Index>(schedule.size());
  std::vector<SweepSums> parts(static_cast<std::size_t>(count));
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(lanes));
  Turns turns;
  const auto work = [&](Index lane) {
    Space& space = spaces_[lane];
    try {
      for (Index i = lane; i < count; i += lanes) {
        compute(space, schedule[i], parts[i]);
        if (!turns.wait(i)) return;
        if (adjoint) model_.commit(space.model, schedule[i].first, schedule[i].n);
        turns.done();
        if (lane == 0 && progress) progress(i + 1);
      }
    } catch (...) {
      failures[lane] = std::current_exception();
      turns.fail();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (Index lane = 1; lane < lanes; ++lane) threads.emplace_back(work, lane);
    work(0);
  }
  SweepSums sums;
  for (const SweepSums& part : parts) {
    sums.loss += part.loss;
    sums.held_out += part.held_out;
    sums.expected += part.expected;
    sums.quality.residual += part.quality.residual;
    sums.quality.root += part.quality.root;
    sums.quality.expected_loss += part.quality.expected_loss;
    sums.quality.held_out_residual += part.quality.held_out_residual;
    sums.quality.held_out_root += part.quality.held_out_root;
  }
  for (const std::exception_ptr& failure : failures)
    if (failure && !sums.failure) sums.failure = failure;
  if (progress) progress(count);
  return sums;
}

template <class Real>
SweepSums Sweep<Real>::gradient(const Schedule& schedule, bool with_expected, const Progress& progress) {
  return run(
      schedule,
      [&](Space& space, const PositionRange& range, SweepSums& sums) {
        const Lane& lane = space.model.lane;
        const View3<Real> mu = model_.expected(space.model, range.first, range.n);
        const StoredPatterns patterns = data_.block(range.first, range.n);
        if (with_expected) sums.expected = data_.expected(lane, space.data, patterns, mu);
        const FittedAndHeldOut loss = data_.evaluate(lane, space.data, patterns, mu);
        sums.loss = loss.fitted;
        sums.held_out = loss.held_out;
        model_.adjoint(space.model, range.first, range.n, mu);
      },
      true, progress);
}

template <class Real>
SweepSums Sweep<Real>::quality(const Schedule& schedule) {
  return run(schedule,
             [&](Space& space, const PositionRange& range, SweepSums& sums) {
               const View3<Real> mu = model_.expected(space.model, range.first, range.n);
               sums.quality = data_.quality(space.model.lane, space.data, data_.block(range.first, range.n), mu);
             },
             false, {});
}

template <class Real>
SweepSums Sweep<Real>::backwards(const Schedule& schedule,
                                 const std::function<void(Space&, const PositionRange&, View3<Real>)>& make_bar) {
  return run(schedule,
             [&](Space& space, const PositionRange& range, SweepSums&) {
               const View3<Real> mu = model_.expected(space.model, range.first, range.n);
               make_bar(space, range, mu);
               model_.adjoint(space.model, range.first, range.n, mu);
             },
             true, {});
}

template <class Real>
SweepSums Sweep<Real>::random_fisher(const Schedule& schedule, std::uint64_t seed, const std::vector<Index>& names) {
  return backwards(schedule, [&](Space& space, const PositionRange& range, View3<Real> mu) {
    data_.curvature(space.model.lane, data_.block(range.first, range.n), mu, mu);
    const DeviceAccess access(space.model.lane.device());
    const Index pixels = mu.ny * mu.nx;
    for (Index p = 0; p < range.n; ++p)
      for (Index i = 0; i < pixels; ++i) {
        Real& value = mu.data[p * pixels + i];
        value = static_cast<Real>((random_bits(seed, names[range.first + p] * pixels + i) % 2 == 0 ? 1 : -1) *
                                  std::sqrt(static_cast<double>(value)));
      }
  });
}

template <class Real>
SweepSums Sweep<Real>::weights(const Schedule& schedule) {
  return backwards(schedule, [&](Space& space, const PositionRange& range, View3<Real> mu) {
    data_.curvature(space.model.lane, data_.block(range.first, range.n), mu, mu);
  });
}

template <class Real>
SweepSums Sweep<Real>::cotangent_gradient(const Schedule& schedule,
                                          const std::function<double(Index, Index)>& cotangent) {
  return backwards(schedule, [&](Space& space, const PositionRange& range, View3<Real> mu) {
    const DeviceAccess access(space.model.lane.device());
    const Index pixels = mu.ny * mu.nx;
    for (Index i = 0; i < mu.count(); ++i)
      mu.data[i] = static_cast<Real>(cotangent(range.first + i / pixels, i % pixels));
  });
}

template <class Real>
std::vector<double> Sweep<Real>::tangent_fisher(const Schedule& schedule, View3<const Complex<Real>> d_transmission) {
  std::vector<double> fisher(static_cast<std::size_t>(model_.positions()), 0.0);
  const SweepSums sums =
      run(schedule,
          [&](Space& space, const PositionRange& range, SweepSums&) {
            const Lane& lane = space.model.lane;
            const View3<Real> mu = model_.expected(space.model, range.first, range.n);
            const View3<Real> weight{space.data.a.data(), mu.n, mu.ny, mu.nx};
            const View3<Real> squared{space.data.b.data(), mu.n, mu.ny, mu.nx};
            data_.curvature(lane, data_.block(range.first, range.n), mu, weight);
            const View3<const Real> d_mu = model_.tangent(space.model, range.first, range.n, d_transmission);
            square<Real>(lane, d_mu, squared);
            for (Index p = 0; p < range.n; ++p)
              fisher[range.first + p] = sum_product<Real>(lane, weight.part(p, 1), squared.part(p, 1));
          },
          false, {});
  if (sums.failure) std::rethrow_exception(sums.failure);
  return fisher;
}

template <class Real>
double Sweep<Real>::tangent_dot(const Schedule& schedule, View3<const Complex<Real>> d_transmission,
                                const std::function<double(Index, Index)>& cotangent) {
  const SweepSums sums =
      run(schedule,
          [&](Space& space, const PositionRange& range, SweepSums& part) {
            model_.expected(space.model, range.first, range.n);
            const View3<const Real> d_mu = model_.tangent(space.model, range.first, range.n, d_transmission);
            const DeviceAccess access(space.model.lane.device());
            const Index pixels = d_mu.ny * d_mu.nx;
            for (Index i = 0; i < d_mu.count(); ++i)
              part.loss += cotangent(range.first + i / pixels, i % pixels) * static_cast<double>(d_mu.data[i]);
          },
          false, {});
  if (sums.failure) std::rethrow_exception(sums.failure);
  return sums.loss;
}

template class Sweep<float>;
template class Sweep<double>;

}  // namespace tessera
