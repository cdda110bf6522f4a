#include "src/optimisation/regularisers.hpp"

#include <algorithm>

#include "kernels/penalty.hpp"
#include "kernels/reduce.hpp"

namespace tessera {

namespace {

OverlapPlan rim_plan(int rank, std::span<const Box> owned, const Box& object, bool needed) {
  std::vector<Box> rimmed;
  for (const Box& box : owned) rimmed.push_back(needed && !box.empty() ? intersect(grow(box, 1), object) : Box{});
  return make_overlap_plan(rank, owned, rimmed);
}

bool has_tv(const std::vector<Regulariser>& regularisers) {
  return std::any_of(regularisers.begin(), regularisers.end(),
                     [](const Regulariser& r) { return r.kind == RegulariserKind::tv; });
}

}  // namespace

template <class Real>
Penalty<Real>::Penalty(const Comm& comm, DeviceKind device, std::vector<Regulariser> regularisers, const Box& object,
                       std::span<const Box> owned, Index slices)
    : lane_(device),
      regularisers_(std::move(regularisers)),
      object_(object),
      slices_(slices),
      rim_(comm, device, rim_plan(comm.rank(), owned, object, has_tv(regularisers_)), slices) {
  if (regularisers_.empty()) return;
  const Box& box = rim_.plan().owned;
  value_ = Array<Real>(device, slices * box.count());
  rimmed_ = Array<Real>(device, slices * rim_.plan().work.count());
}

template <class Real>
View3<Real> Penalty<Real>::rimmed() {
  const Box& box = rim_.plan().work;
  return {rimmed_.data(), slices_, box.height(), box.width()};
}

template <class Real>
double Penalty<Real>::tv(const Regulariser& regulariser, View3<const Real> with_rim, View3<Real> slope) {
  const Box& owned = rim_.plan().owned;
  if (owned.empty()) return 0;
  const View3<Real> value{value_.data(), slices_, owned.height(), owned.width()};
  tv_penalty<Real>(lane_, regulariser.weight * unit_, regulariser.epsilon_rad, regulariser.z_weight,
                   {with_rim, rim_.plan().work}, object_, owned, value, slope);
  return sum<Real>(lane_, value);
}

template <class Real>
double Penalty<Real>::l1(const Regulariser& regulariser, View3<const Real> u, View3<Real> slope) {
  if (u.count() == 0) return 0;
  const View3<Real> value{value_.data(), u.n, u.ny, u.nx};
  l1_penalty<Real>(lane_, regulariser.weight * unit_, regulariser.epsilon_rad, u, value, slope);
  return sum<Real>(lane_, value);
}

template <class Real>
double Penalty<Real>::add(ObjectVariables<Real>& object, FirstFailure& failure) {
  double total = 0;
  for (const Regulariser& regulariser : regularisers_) {
    const bool phase = regulariser.of == RegulariserTarget::phase, is_tv = regulariser.kind == RegulariserKind::tv;
    const View3<Real> u = phase ? object.phase() : object.absorption();
    if (is_tv) rim_.refresh(u, rimmed());
    failure.run([&] {
      const View3<Real> slope = phase ? object.phase_gradient() : object.absorption_gradient();
      total += is_tv ? tv(regulariser, rimmed(), slope) : l1(regulariser, u, slope);
    });
  }
  return total;
}

template <class Real>
Index Penalty<Real>::planned_bytes() const {
  return rim_.refresh_bytes() * std::ranges::count(regularisers_, RegulariserKind::tv, &Regulariser::kind);
}

template <class Real>
std::size_t Penalty<Real>::bytes() const {
  return rim_.bytes() + value_.bytes() + rimmed_.bytes();
}

template class Penalty<float>;
template class Penalty<double>;

}  // namespace tessera
