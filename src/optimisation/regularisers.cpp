#include "src/optimisation/regularisers.hpp"

#include <algorithm>
#include <cmath>

#include "src/arrays/stage.hpp"

namespace tessera {

namespace {

OverlapPlan rim_plan(int rank, std::span<const Box> owned, const Box& object, Index rim) {
  std::vector<Box> rimmed;
  for (const Box& box : owned) rimmed.push_back(rim > 0 && !box.empty() ? intersect(grow(box, rim), object) : Box{});
  return make_overlap_plan(rank, owned, rimmed);
}

Index widest_rim(const std::vector<Regulariser>& regularisers, const PenaltyFrame& frame) {
  Index widest = 0;
  for (const Regulariser& regulariser : regularisers)
    widest = std::max(widest, regulariser_row(regulariser.kind).rim(frame));
  return widest;
}

double run(const RegulariserRow& row, const PenaltyTask<float>& task) { return row.single(task); }
double run(const RegulariserRow& row, const PenaltyTask<double>& task) { return row.twice(task); }

}  // namespace

template <class Real>
Penalty<Real>::Penalty(const Comm& comm, const ExchangePlace& place, std::vector<Regulariser> regularisers,
                       const PenaltyFrame& frame, std::span<const Box> owned)
    : comm_(comm),
      lane_(place.device, place.profile),
      frame_(frame),
      rim_(comm, place, rim_plan(comm.rank(), owned, frame.object, widest_rim(regularisers, frame)), frame.planes) {
  if (regularisers.empty()) return;
  const DeviceKind device = place.device;
  const Box &box = rim_.plan().owned, &work = rim_.plan().work;
  value_ = Array<Real>(device, frame.planes * box.count());
  rimmed_ = Array<Real>(device, frame.planes * work.count());
  for (const Regulariser& regulariser : regularisers) {
    const RegulariserRow& row = regulariser_row(regulariser.kind);
    Term& term = terms_.emplace_back(Term{.regulariser = regulariser, .row = &row});
    if (row.has_wedge)
      term.wedge.emplace(device, frame.slices, regulariser.beta, frame.step_y, frame.step_x, frame.object, box, work);
    if (row.reweighted)
      term.own_weights = make_array(device, std::vector<Real>(static_cast<std::size_t>(value_.count()), Real{1}));
  }
}

template <class Real>
View3<Real> Penalty<Real>::rimmed() {
  const Box& box = rim_.plan().work;
  return {rimmed_.data(), frame_.planes, box.height(), box.width()};
}

template <class Real>
double Penalty<Real>::add(Term& term, ObjectVariables<Real>& object) {
  const Box& owned = rim_.plan().owned;
  if (owned.empty()) return 0;
  const bool both = term.row->needs_both, phase = both || term.regulariser.of == RegulariserTarget::phase;
  // On the phase in rad, whatever the variable: weights and corners go over to its unit.
  const double rate = phase ? object.phase_rate() : 1;
  PenaltyTask<Real> task{.lane = lane_,
                         .frame = frame_,
                         .regulariser = term.regulariser,
                         .weight = term.regulariser.weight * unit_ * std::pow(rate, term.row->degree),
                         .epsilon = term.regulariser.epsilon_rad / rate,
                         .u = phase ? object.phase() : object.absorption(),
                         .slope = phase ? object.phase_gradient() : object.absorption_gradient(),
                         .rimmed = {rimmed(), rim_.plan().work},
                         .owned = owned,
                         .value = value_.view(frame_.planes, owned.height(), owned.width()),
                         .own_weights = {},
                         .wedge = term.wedge ? &*term.wedge : nullptr,
                         .absorption = both ? View3<const Real>(object.absorption()) : View3<const Real>{},
                         .absorption_slope = both ? object.absorption_gradient() : View3<Real>{}};
  if (term.own_weights.count() > 0)
    task.own_weights = View3<const Real>{term.own_weights.data(), task.u.n, task.u.ny, task.u.nx};
  return run(*term.row, task);
}

template <class Real>
double Penalty<Real>::add(ObjectVariables<Real>& object, FirstFailure& failure) {
  const Stage stage("regularisers");
  double total = 0;
  for (Term& term : terms_) {
    const bool phase = term.regulariser.of == RegulariserTarget::phase;
    if (term.row->rim(frame_) > 0) rim_.refresh(phase ? object.phase() : object.absorption(), rimmed());
    failure.run([&] { total += add(term, object); });
  }
  return total;
}

template <class Real>
bool Penalty<Real>::reweigh(const ObjectVariables<Real>& object) {
  bool any = false;
  for (Term& term : terms_) {
    if (!term.row->reweighted) continue;
    any = true;
    const std::vector<Real> values = object.values();
    const bool phase = term.regulariser.of == RegulariserTarget::phase;
    const std::size_t first = phase ? 0 : static_cast<std::size_t>(object.voxels());
    std::vector<double> sizes(static_cast<std::size_t>(object.voxels()));
    double here = 0, sums[2] = {0, static_cast<double>(sizes.size())};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      sizes[i] = std::abs(static_cast<double>(values[first + i]));
      here = std::max(here, sizes[i]);
      sums[0] += sizes[i];
    }
    comm_.sum(sums);
    const double largest = comm_.max(here), mean = sums[0] / sums[1];
    std::vector<Real> weights;
    weights.reserve(sizes.size());
    for (const double size : sizes)
      weights.push_back(static_cast<Real>(largest > 0 ? largest / (size + term.regulariser.eta * mean) : 1.0));
    term.own_weights.upload(weights);
  }
  return any;
}

template <class Real>
Index Penalty<Real>::planned_bytes() const {
  return rim_.refresh_bytes() *
         std::ranges::count_if(terms_, [&](const Term& term) { return term.row->rim(frame_) > 0; });
}

template <class Real>
std::size_t Penalty<Real>::bytes() const {
  std::size_t total = rim_.bytes() + value_.bytes() + rimmed_.bytes();
  for (const Term& term : terms_) total += term.own_weights.bytes() + (term.wedge ? term.wedge->bytes() : 0);
  return total;
}

template class Penalty<float>;
template class Penalty<double>;

}  // namespace tessera
