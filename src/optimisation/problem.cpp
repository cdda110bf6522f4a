#include "src/optimisation/problem.hpp"

#include <algorithm>
#include <chrono>

#include "kernels/intensity.hpp"
#include "src/model/slice_illumination.hpp"
#include "src/parallel/shared_sum.hpp"

namespace tessera {

namespace {

/// Adds the seconds of its own life to a sum.
class Timer {
 public:
  explicit Timer(double& seconds) : seconds_(seconds) {}
  ~Timer() { seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::vector<Box> windows_of(const ProblemSetup& setup) {
  std::vector<Box> windows;
  for (const Placement& placement : setup.placements) windows.push_back(window_box(placement, setup.shape.window));
  return windows;
}

template <class Real>
std::vector<Complex<Real>> as_complex(const ComplexImage& values) {
  std::vector<Complex<Real>> converted;
  for (const auto& value : values)
    converted.push_back({static_cast<Real>(value.real()), static_cast<Real>(value.imag())});
  return converted;
}

}  // namespace

template <class Real>
Problem<Real>::Problem(const Comm& comm, ProblemSetup setup, Measurement measurement, const ComplexImage& probe)
    : comm_(comm),
      setup_(std::move(setup)),
      model_(setup_.shape, setup_.propagation, setup_.gaps_A, setup_.placements, setup_.tiling.work[comm.rank()]),
      data_(setup_.shape, std::move(measurement), setup_.loss),
      object_(setup_.shape.device, setup_.representation, setup_.shape.slices, owned().height(), owned().width()),
      owned_t_(setup_.shape.device, object_.voxels()),
      owned_t_bar_(setup_.shape.device, object_.voxels()),
      exchange_(comm, setup_.shape.device, make_overlap_plan(comm.rank(), setup_.tiling.owned, setup_.tiling.work),
                setup_.shape.slices),
      ready_after_(ready_after(exchange_.plan(), windows_of(setup_))),
      penalty_(comm, setup_.shape.device, setup_.regularisers, setup_.frame.box(), setup_.tiling.owned,
               setup_.shape.slices),
      probe_(as_complex<Real>(probe)),
      probe_gradient_(probe_.size()),
      positions_total_(static_cast<double>(setup_.tiling.owner.size())) {}

template <class Real>
void Problem<Real>::update_transmission() {
  const View3<Complex<Real>> t = owned_t_.view(setup_.shape.slices, owned().height(), owned().width());
  {
    const Timer timer(seconds_.compute);
    object_.transmission(t);
    const Grid& window = setup_.shape.window;
    model_.set_probe({probe_.data(), setup_.shape.modes, window.ny, window.nx});
  }
  const Timer timer(seconds_.exchange);
  exchange_.refresh(t, model_.transmission());
}

template <class Real>
typename Problem<Real>::SweepSums Problem<Real>::sweep() {
  const Timer timer(seconds_.compute);
  SweepSums sums;
  model_.clear_gradients();
  exchange_.begin_add();
  std::size_t sent = 0;
  std::vector<bool> left(ready_after_.size(), false);
  const auto send_ready = [&](Index done) {
    for (std::size_t i = 0; i < left.size() && sent < left.size(); ++i)
      if (!left[i] && ready_after_[i] <= done) {
        exchange_.send_overlap(i, model_.transmission_bar());
        left[i] = true;
        ++sent;
      }
    exchange_.poll();
  };
  try {
    for (Index first = 0; first < model_.positions(); first += setup_.shape.batch) {
      const Index n = std::min(setup_.shape.batch, model_.positions() - first);
      const View3<Real> intensity = model_.intensities(first, n);
      if (track_expected_loss_) sums.expected += data_.expected(intensity);
      sums.loss += data_.evaluate(first, intensity);
      model_.adjoint(first, n, intensity);
      send_ready(first + n);
    }
    sums.interrupted = interrupt_check_();
  } catch (...) {
    sums.failure = std::current_exception();
    send_ready(model_.positions());  // the others wait for them
  }
  return sums;
}

template <class Real>
typename Problem<Real>::TrafficPerGradient Problem<Real>::traffic() const {
  const Traffic &waves = exchange_.traffic(), &rims = penalty_.exchange().traffic();
  const auto evaluations = static_cast<double>(std::max(Index{1}, evaluations_));
  // `quality` refreshes without adding: its bytes belong to no gradient.
  const Index beyond = (waves.refreshes - evaluations_) * exchange_.refresh_bytes();
  return {.planned_bytes = static_cast<double>(exchange_.planned_bytes() + penalty_.planned_bytes()),
          .measured_bytes = static_cast<double>(waves.bytes_sent - beyond + rims.bytes_sent) / evaluations,
          .seconds_waiting = waves.seconds_waiting + rims.seconds_waiting};
}

template <class Real>
double Problem<Real>::evaluate() {
  ++evaluations_;
  update_transmission();
  const SweepSums sums = sweep();
  const Index ny = owned().height(), nx = owned().width();
  {
    const Timer timer(seconds_.exchange);
    exchange_.finish_add(model_.transmission_bar(), owned_t_bar_.view(setup_.shape.slices, ny, nx));
  }
  double penalty = 0;
  {
    const Timer timer(seconds_.compute);
    object_.adjoint(owned_t_.view(setup_.shape.slices, ny, nx), owned_t_bar_.view(setup_.shape.slices, ny, nx));
    penalty = penalty_.add(object_);
  }
  share(sums, penalty);
  return data_loss_ + penalty_value_;
}

/// The one reduction of an evaluation. The gradient of a further global unknown is one more part.
template <class Real>
void Problem<Real>::share(const SweepSums& sums, double penalty) {
  const Timer timer(seconds_.reduce);
  std::vector<double> probe_bar;
  for (const Complex<Real>& value : model_.probe_gradient())
    probe_bar.insert(probe_bar.end(), {static_cast<double>(value.re), static_cast<double>(value.im)});
  SharedSum shared;
  const auto loss_part = shared.add(sums.loss), penalty_part = shared.add(penalty);
  const auto expected_part = shared.add(sums.expected);
  const auto interrupted_part = shared.add(sums.interrupted ? 1.0 : 0.0);
  const auto failed_part = shared.add(sums.failure ? 1.0 : 0.0);
  const auto probe_part = shared.add(probe_bar);
  shared.reduce(comm_);
  if (shared.value(failed_part) > 0)
    comm_.agree([&] {
      if (sums.failure) std::rethrow_exception(sums.failure);
    });
  data_loss_ = shared.value(loss_part);
  penalty_value_ = shared.value(penalty_part);
  expected_loss_ = shared.value(expected_part);
  interrupted_ = shared.value(interrupted_part) > 0;
  const std::span<const double> probe = shared.values(probe_part);
  for (std::size_t i = 0; i < probe_gradient_.size(); ++i)
    probe_gradient_[i] = {static_cast<Real>(probe[2 * i]), static_cast<Real>(probe[2 * i + 1])};
}

template <class Real>
FitQuality Problem<Real>::quality() {
  update_transmission();
  double sums[3] = {};
  for (Index first = 0; first < model_.positions(); first += setup_.shape.batch) {
    const Index n = std::min(setup_.shape.batch, model_.positions() - first);
    const FitQuality part = data_.quality(first, model_.intensities(first, n));
    sums[0] += part.residual;
    sums[1] += part.root;
    sums[2] += part.expected_loss;
  }
  comm_.sum(sums);
  return {.residual = sums[0], .root = sums[1], .expected_loss = sums[2]};
}

template <class Real>
std::vector<Complex<Real>> Problem<Real>::owned_transmission() {
  object_.transmission(owned_t_.view(setup_.shape.slices, owned().height(), owned().width()));
  return owned_t_.to_vector();
}

template <class Real>
std::vector<double> Problem<Real>::object_curvature() {
  ComplexImage probe;
  for (const Complex<Real>& value : probe_) probe.emplace_back(value.re, value.im);
  const Grid& window = setup_.shape.window;
  const DeviceKind device = setup_.shape.device;
  const Array<double> light = make_array(device, slice_illumination(probe, window, setup_.propagation, setup_.gaps_A));
  const double scale = 2 * band_fraction(window, setup_.propagation);
  OverlapExchange<double> exchange(comm_, device, exchange_.plan(), 1);
  const Box& work = model_.work();
  std::vector<double> curvature;
  for (Index s = 0; s < setup_.shape.slices; ++s) {
    Array<double> map(device, work.count()), owned_map(device, owned().count());
    const View3<double> on_work = map.view(1, work.height(), work.width());
    for (const Placement& placement : setup_.placements)
      add_illumination(device, scale, light.view(setup_.shape.slices, window.ny, window.nx).part(s, 1),
                       {placement.corner.y - work.y0, placement.corner.x - work.x0}, on_work);
    exchange.begin_add();
    for (std::size_t i = 0; i < exchange.plan().foreign.size(); ++i) exchange.send_overlap(i, on_work);
    exchange.finish_add(on_work, owned_map.view(1, owned().height(), owned().width()));
    const std::vector<double> plane = owned_map.to_vector();
    curvature.insert(curvature.end(), plane.begin(), plane.end());
  }
  return curvature;
}

template <class Real>
double Problem<Real>::probe_curvature() const {
  return 2 * band_fraction(setup_.shape.window, setup_.propagation) * positions_total_;
}

template <class Real>
double Problem<Real>::first_step() const {
  return band_fraction(setup_.shape.window, setup_.propagation);
}

template <class Real>
std::size_t Problem<Real>::bytes() const {
  return model_.bytes() + data_.bytes() + object_.bytes() + owned_t_.bytes() + owned_t_bar_.bytes() +
         exchange_.bytes() + penalty_.bytes() + 2 * probe_.size() * sizeof(Complex<Real>);
}

template class Problem<float>;
template class Problem<double>;

}  // namespace tessera
