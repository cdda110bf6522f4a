#include "src/optimisation/sweep.hpp"

#include <algorithm>
#include <numeric>
#include <system_error>
#include <thread>

#include "kernels/reduce.hpp"
#include "kernels/signed_roots.hpp"
#include "src/arrays/stage.hpp"
#include "src/base/clock.hpp"
#include "src/optimisation/turns.hpp"

namespace tessera {

Schedule whole_schedule(Index positions, Index batch) {
  Schedule schedule;
  for (Index first = 0; first < positions; first += batch)
    schedule.push_back({first, std::min(batch, positions - first)});
  return schedule;
}

template <class Real>
Sweep<Real>::Sweep(ForwardModel<Real>& model, const DataTerm<Real>& data, int lanes, std::shared_ptr<Meter> meter)
    : model_(model), data_(data), meter_(std::move(meter)) {
  for (int lane = 0; lane < lanes; ++lane) {
    spaces_.push_back({model.make_space(), data.make_space(model.shape().batch)});
    if (meter_) spaces_.back().model.lane.measure_with(meter_->lane(static_cast<std::size_t>(lane)));
  }
}

template <class Real>
SweepSums Sweep<Real>::run(const Schedule& schedule, const Compute& compute, const Commit& commit,
                           const Progress& progress) {
  const double start_s = meter_ ? now_s() : 0;
  const auto lanes = static_cast<Index>(spaces_.size()), count = static_cast<Index>(schedule.size());
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(lanes));
  sums_ = Array<double>(model_.shape().device, count * BlockSums::count);
  Turns turns(lanes > 1 ? model_.shape().device : DeviceKind::host);
  const auto work = [&](Index lane) {
    Space& space = spaces_[lane];
    try {
      space.model.lane.enter();
      for (Index i = lane; i < count; i += lanes) {
        compute(space, schedule[i], {sums_.data() + i * BlockSums::count});
        if (!turns.wait(i, space.model.lane)) return;
        if (commit) commit(space, schedule[i]);
        turns.done(space.model.lane);
        if (lane == 0 && progress) progress(i + 1);
      }
    } catch (...) {
      failures[lane] = std::current_exception();
      turns.fail();
    }
  };
  {
    std::vector<std::jthread> threads;
    try {
      for (Index lane = 1; lane < lanes; ++lane) threads.emplace_back(work, lane);
      work(0);
    } catch (const std::system_error& error) {  // a thread that the system refuses: those that began wait for its turn
      failures[0] = std::make_exception_ptr(
          SystemError(ExitCode::unclassified,
                      fmt::format("no thread could be started ({}); use a smaller run.threads, or raise the limits on "
                                  "threads and memory (ulimit -u, -v)",
                                  error.code().message())));
      turns.fail();
    }
  }
  SweepSums sums = failures_or_sums(failures);
  if (meter_ && !sums.failure) meter_->swept(now_s() - start_s);
  if (progress) progress(count);
  return sums;
}

/// In the order of the ranges.
template <class Real>
SweepSums Sweep<Real>::failures_or_sums(const std::vector<std::exception_ptr>& failures) const {
  SweepSums sums;
  for (const std::exception_ptr& failure : failures)
    if (failure && !sums.failure) sums.failure = failure;
  if (sums.failure) return sums;
  try {
    const std::vector<double> all = sums_.to_vector();
    for (std::size_t first = 0; first < all.size(); first += BlockSums::count) {
      const auto at = [&](Sum which) { return all[first + static_cast<std::size_t>(which)]; };
      sums.loss += at(Sum::loss);
      sums.held_out += at(Sum::held_out);
      sums.expected += at(Sum::expected);
      sums.quality.residual += at(Sum::residual);
      sums.quality.root += at(Sum::root);
      sums.quality.held_out_residual += at(Sum::held_out_residual);
      sums.quality.held_out_root += at(Sum::held_out_root);
    }
    sums.quality.expected_loss = sums.expected;
  } catch (...) {
    sums.failure = std::current_exception();
  }
  return sums;
}

template <class Real>
SweepSums Sweep<Real>::gradient(const Schedule& schedule, bool with_expected, const Progress& progress) {
  return run(
      schedule,
      [&](Space& space, const PositionRange& range, const BlockSums& sums) {
        const View3<Real> mu = model_.expected(space.model, range.first, range.n);
        {
          const Stage stage("loss");
          const StoredPatterns patterns = data_.block(space.model.lane, space.data, range.first, range.n);
          if (with_expected) data_.expected(space.model.lane, space.data, patterns, mu, sums);
          data_.evaluate(space.model.lane, space.data, patterns, mu, sums);
        }
        model_.adjoint(space.model, range.first, range.n, mu);
      },
      gradients(), progress);
}

template <class Real>
SweepSums Sweep<Real>::quality(const Schedule& schedule) {
  const DeviceKind device = model_.shape().device;
  const Index positions = model_.positions(), ny = data_.ny(), nx = data_.nx();
  Array<double> loss(device, positions), expected(device, positions), excess(device, ny * nx),
      variance(device, ny * nx);
  SweepSums sums = run(
      schedule,
      [&](Space& space, const PositionRange& range, const BlockSums& place) {
        const Lane& lane = space.model.lane;
        const View3<Real> mu = model_.expected(space.model, range.first, range.n);
        const StoredPatterns patterns = data_.block(lane, space.data, range.first, range.n);
        data_.quality(lane, space.data, patterns, mu, place);
        data_.residuals(lane, space.data, patterns, mu, loss.data() + range.first, expected.data() + range.first);
      },
      [&](Space& space, const PositionRange& range) {
        data_.add_residuals(space.model.lane, space.data, range.n, excess.view(1, ny, nx), variance.view(1, ny, nx));
      },
      {});
  if (!sums.failure)
    sums.quality.residuals = {loss.to_vector(), expected.to_vector(), excess.to_vector(), variance.to_vector()};
  return sums;
}

template <class Real>
SweepSums Sweep<Real>::backwards(const Schedule& schedule,
                                 const std::function<void(Space&, const PositionRange&, View3<Real>)>& make_bar) {
  return run(schedule,
             [&](Space& space, const PositionRange& range, const BlockSums&) {
               const View3<Real> mu = model_.expected(space.model, range.first, range.n);
               make_bar(space, range, mu);
               model_.adjoint(space.model, range.first, range.n, mu);
             },
             gradients(), {});
}

template <class Real>
SweepSums Sweep<Real>::random_fisher(const Schedule& schedule, std::uint64_t seed, const std::vector<Index>& names) {
  const Array<Index> names_there = make_array(model_.shape().device, names);
  return backwards(schedule, [&](Space& space, const PositionRange& range, View3<Real> mu) {
    data_.curvature(space.model.lane, data_.block(space.model.lane, space.data, range.first, range.n), mu, mu);
    signed_roots<Real>(space.model.lane, seed, names_there.data() + range.first, mu);
  });
}

template <class Real>
SweepSums Sweep<Real>::weights(const Schedule& schedule) {
  return backwards(schedule, [&](Space& space, const PositionRange& range, View3<Real> mu) {
    data_.curvature(space.model.lane, data_.block(space.model.lane, space.data, range.first, range.n), mu, mu);
  });
}

template <class Real>
SweepSums Sweep<Real>::cotangent_gradient(const Schedule& schedule,
                                          const std::function<double(Index, Index)>& cotangent) {
  return backwards(schedule, [&](Space& space, const PositionRange& range, View3<Real> mu) {
    const Index pixels = mu.ny * mu.nx;
    std::vector<Real> values;
    for (Index i = 0; i < mu.count(); ++i)
      values.push_back(static_cast<Real>(cotangent(range.first + i / pixels, i % pixels)));
    copy_bytes(space.model.lane.device(), mu.data, values.data(), values.size() * sizeof(Real));
  });
}

template <class Real>
std::vector<double> Sweep<Real>::tangent_fisher(const Schedule& schedule, View3<const Complex<Real>> d_transmission) {
  Array<double> fisher(model_.shape().device, model_.positions());
  const SweepSums sums =
      run(schedule,
          [&](Space& space, const PositionRange& range, const BlockSums&) {
            const Lane& lane = space.model.lane;
            const View3<Real> mu = model_.expected(space.model, range.first, range.n);
            const View3<Real> weight{space.data.a.data(), mu.n, mu.ny, mu.nx};
            const View3<Real> squared{space.data.b.data(), mu.n, mu.ny, mu.nx};
            data_.curvature(lane, data_.block(space.model.lane, space.data, range.first, range.n), mu, weight);
            const View3<const Real> d_mu = model_.tangent(space.model, range.first, range.n, d_transmission);
            multiply<Real>(lane, d_mu, d_mu, squared);
            for (Index p = 0; p < range.n; ++p)
              sum_product<Real>(lane, weight.part(p, 1), squared.part(p, 1), fisher.data() + range.first + p);
          },
          {}, {});
  if (sums.failure) std::rethrow_exception(sums.failure);
  return fisher.to_vector();
}

template <class Real>
SweepSums Sweep<Real>::fisher_product(const Schedule& schedule, View3<const Complex<Real>> d_transmission) {
  return run(schedule,
             [&](Space& space, const PositionRange& range, const BlockSums&) {
               const Lane& lane = space.model.lane;
               const View3<Real> mu = model_.expected(space.model, range.first, range.n);
               const View3<Real> bar{space.data.a.data(), mu.n, mu.ny, mu.nx};
               data_.curvature(lane, data_.block(space.model.lane, space.data, range.first, range.n), mu, bar);
               multiply<Real>(lane, model_.tangent(space.model, range.first, range.n, d_transmission), bar, bar);
               model_.adjoint(space.model, range.first, range.n, bar);
             },
             gradients(), {});
}

template <class Real>
double Sweep<Real>::tangent_dot(const Schedule& schedule, View3<const Complex<Real>> d_transmission,
                                const std::function<double(Index, Index)>& cotangent) {
  std::vector<double> parts(schedule.size(), 0.0);
  const SweepSums sums =
      run(schedule,
          [&](Space& space, const PositionRange& range, const BlockSums& place) {
            model_.expected(space.model, range.first, range.n);
            const View3<const Real> d_mu = model_.tangent(space.model, range.first, range.n, d_transmission);
            const Index pixels = d_mu.ny * d_mu.nx;
            std::vector<Real> values(static_cast<std::size_t>(d_mu.count()));
            copy_bytes(space.model.lane.device(), values.data(), d_mu.data, values.size() * sizeof(Real));
            double& part = parts[static_cast<std::size_t>((place.values - sums_.data()) / BlockSums::count)];
            for (Index i = 0; i < d_mu.count(); ++i)
              part += cotangent(range.first + i / pixels, i % pixels) * static_cast<double>(values[i]);
          },
          {}, {});
  if (sums.failure) std::rethrow_exception(sums.failure);
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

template class Sweep<float>;
template class Sweep<double>;

}  // namespace tessera
