#include "src/optimisation/problem.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "src/arrays/stage.hpp"

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
  for (const Placement& placement : setup.placements)
    windows.push_back(window_box(placement, setup.model.shape.window));
  return windows;
}

/// For each foreign overlap the number of leading ranges of the schedule after which it may leave.
std::vector<Index> ranges_until_ready(const OverlapPlan& plan, const ProblemSetup& setup, const Schedule& schedule) {
  std::vector<Index> ready;
  for (const Index windows : ready_after(plan, windows_of(setup)))
    ready.push_back(static_cast<Index>(
        std::ranges::count_if(schedule, [&](const PositionRange& range) { return range.first < windows; })));
  return ready;
}

}  // namespace

template <class Real>
Problem<Real>::Problem(const Comm& comm, ProblemSetup setup, Measurement measurement, const ComplexImage& probe)
    : comm_(comm),
      setup_(std::move(setup)),
      meter_(setup_.profile ? std::make_shared<Meter>(shape().device, setup_.model.lanes) : nullptr),
      data_(setup_.model.shape.device, std::move(measurement), setup_.loss, setup_.held_out, setup_.ids),
      schedule_(whole_schedule(static_cast<Index>(setup_.placements.size()), setup_.model.shape.batch)),
      object_(comm, place(), setup_.representation, shape().planes(), setup_.tiling, setup_.constants),
      penalty_(comm, place(), setup_.regularisers,
               penalty_frame(setup_.frame, shape().planes(), shape().slices, setup_.reference_pixel_A),
               setup_.tiling.owned),
      positions_total_(static_cast<double>(setup_.tiling.owner.size())) {
  make_model();
  make_parameters(probe);
}

template <class Real>
void Problem<Real>::make_model() {
  sweep_.reset();
  model_.reset();
  model_ = std::make_unique<ForwardModel<Real>>(setup_.model, setup_.placements, setup_.tiling.work[comm_.rank()]);
  TESSERA_ASSERT(model_->detector().ny() == data_.ny() && model_->detector().nx() == data_.nx(), data_.ny(),
                 data_.nx());
  sweep_ = std::make_unique<Sweep<Real>>(*model_, data_, setup_.model.lanes, meter_);
  ready_after_ = ranges_until_ready(exchange().plan(), setup_, schedule_);
}

template <class Real>
void Problem<Real>::update(FirstFailure& failure) {
  {
    const Timer timer(seconds_.compute);
    const Stage stage("prepare");
    failure.run([&] {
      model_->prepare(instrument());
      object_.compute();
    });
  }
  const Timer timer(seconds_.exchange);
  const Stage stage("halo refresh");
  object_.refresh(model_->transmission());
}

template <class Real>
void Problem<Real>::update() {
  FirstFailure failure;
  update(failure);
  comm_.agree([&] { failure.rethrow(); });
  beyond_bytes_ += exchange().refresh_bytes();
}

template <class Real>
SweepSums Problem<Real>::sweep_and_send(FirstFailure& failure) {
  const Timer timer(seconds_.compute);
  const Stage stage("sweep");
  OverlapExchange<Complex<Real>>& exchange = object_.exchange();
  exchange.begin_add();
  std::vector<bool> left(ready_after_.size(), false);
  const auto send_ready = [&](Index done) {
    for (std::size_t i = 0; i < left.size(); ++i)
      if (!left[i] && ready_after_[i] <= done) {
        exchange.send_overlap(i, model_->transmission_bar());
        left[i] = true;
      }
    exchange.poll();
  };
  SweepSums sums;
  failure.run([&] {
    Instrument wanted;
    wanted.sites.resize(static_cast<std::size_t>(shape().slices + 1));
    for (const Parameter& parameter : parameters_)
      if (parameter.active) parameter.map->want(wanted);
    model_->begin(wanted);
  });
  if (!failure.any()) sums = sweep_->gradient(schedule_, track_expected_loss_, send_ready);
  failure.add(sums.failure);
  send_ready(static_cast<Index>(schedule_.size()));  // the others wait for them, whatever happened here
  return sums;
}

template <class Real>
void Problem<Real>::run_backwards(const Instrument& wanted, const std::function<SweepSums()>& sweep) {
  FirstFailure failure;
  OverlapExchange<Complex<Real>>& exchange = object_.exchange();
  exchange.begin_add();
  failure.run([&] {
    model_->begin(wanted);
    failure.add(sweep().failure);
  });
  const Index before = exchange.traffic().bytes_sent;
  for (std::size_t i = 0; i < exchange.plan().foreign.size(); ++i) exchange.send_overlap(i, model_->transmission_bar());
  object_.finish_add(model_->transmission_bar());
  beyond_bytes_ += exchange.traffic().bytes_sent - before;
  failure.run([&] { object_.collect(); });
  comm_.agree([&] { failure.rethrow(); });
}

template <class Real>
void Problem<Real>::collect_gradients() {
  const Instrument gradient = model_->gradient();
  for (Parameter& parameter : parameters_) {
    if (!parameter.active) continue;
    parameter.gradient.resize(parameter.value.size());
    parameter.map->adjoint(parameter.value, gradient, parameter.gradient);
  }
}

template <class Real>
double Problem<Real>::evaluate() {
  ++evaluations_;
  FirstFailure failure;
  update(failure);
  const SweepSums sums = sweep_and_send(failure);
  failure.run([&] {
    failure.rethrow();  // a sweep that did not begin left nothing to collect
    const Timer timer(seconds_.compute);
    collect_gradients();
  });
  std::optional<SweepShare> shared;
  {
    const Timer timer(seconds_.reduce);
    shared.emplace(comm_, sums, parameters_);
  }
  {
    const Timer timer(seconds_.exchange);
    const Stage stage("halo add");
    object_.finish_add(model_->transmission_bar());
  }
  double penalty = 0;
  {
    const Timer timer(seconds_.compute);
    const Stage stage("object gradient");
    failure.run([&] {
      failure.rethrow();
      object_.collect();
    });
    penalty = penalty_.add(object(), failure);
  }
  bool interrupted = false;
  failure.run([&] { interrupted = interrupt_check_(); });
  share(*shared, penalty, interrupted, failure);
  if (meter_) meter_->finished();
  return data_loss_ + penalty_value_;
}

/// The end of an evaluation: all ranks learn its parts, or that one has failed.
template <class Real>
void Problem<Real>::share(SweepShare& sweep, double penalty, bool interrupted, const FirstFailure& failure) {
  const Timer timer(seconds_.reduce);
  const Stage stage("global sums");
  double ends[3] = {penalty, interrupted ? 1.0 : 0.0, failure.any() ? 1.0 : 0.0};
  comm_.sum(ends);
  if (ends[2] > 0) comm_.agree([&] { failure.rethrow(); });
  const SweepShare::Totals totals = sweep.finish();
  data_loss_ = totals.loss;
  held_out_loss_ = totals.held_out;
  expected_loss_ = totals.expected;
  interrupted_ = ends[1] > 0;
  penalty_value_ = ends[0] + totals.priors;
}

template <class Real>
typename Problem<Real>::TrafficPerGradient Problem<Real>::traffic() const {
  const Traffic &waves = exchange().traffic(), &rims = penalty_.exchange().traffic();
  const auto evaluations = static_cast<double>(std::max(Index{1}, evaluations_));
  return {.planned_bytes = static_cast<double>(exchange().planned_bytes() + penalty_.planned_bytes()),
          .measured_bytes = static_cast<double>(waves.bytes_sent - beyond_bytes_ + rims.bytes_sent) / evaluations,
          .seconds_waiting = waves.seconds_waiting + rims.seconds_waiting};
}

template <class Real>
std::size_t Problem<Real>::bytes() const {
  std::size_t total = model_->bytes() + data_.bytes() + object_.bytes() + penalty_.bytes() +
                      static_cast<std::size_t>(setup_.model.lanes) * data_.space_bytes(shape().batch);
  // Values, start and gradient, the instrument that is made from them, and what the one reduction holds.
  for (const Parameter& parameter : parameters_) total += 6 * parameter.value.size() * sizeof(double);
  return total;
}

template class Problem<float>;
template class Problem<double>;

}  // namespace tessera
