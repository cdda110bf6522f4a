#include "src/optimisation/regulariser_rows.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/penalty.hpp"
#include "kernels/reduce.hpp"

namespace tessera {

namespace {

template <class Real>
double l1(const PenaltyTask<Real>& task) {
  l1_penalty<Real>(task.lane, task.weight, task.epsilon, task.own_weights, task.u, task.value, task.slope);
  return sum<Real>(task.lane, task.value);
}

template <class Real>
double l2(const PenaltyTask<Real>& task) {
  l2_penalty<Real>(task.lane, task.weight, task.u, task.value, task.slope);
  return sum<Real>(task.lane, task.value);
}

template <class Real>
double tv(const PenaltyTask<Real>& task) {
  const PenaltyFrame& frame = task.frame;
  const DifferenceWeights weights{frame.step_y, frame.step_x, task.regulariser.z_weight, frame.slices};
  tv_penalty<Real>(task.lane, task.weight, task.epsilon, weights, task.rimmed, frame.object, task.owned, task.value,
                   task.slope);
  return sum<Real>(task.lane, task.value);
}

template <class Real>
double z_smoothness(const PenaltyTask<Real>& task) {
  z_penalty<Real>(task.lane, task.weight, task.frame.slices, task.u, task.value, task.slope);
  return sum<Real>(task.lane, task.value);
}

template <class Real>
double kz_wedge(const PenaltyTask<Real>& task) {
  task.wedge->add(task.lane, task.weight, task.rimmed.values, task.value, task.slope);
  return sum_product<Real>(task.lane, task.u, task.value) / 2;
}

template <class Real>
double absorption_ratio(const PenaltyTask<Real>& task) {
  ratio_penalty<Real>(task.lane, task.weight, task.regulariser.ratio, task.u, task.absorption, task.value, task.slope,
                      task.absorption_slope);
  return sum<Real>(task.lane, task.value);
}

template <class Real>
double state_variance(const PenaltyTask<Real>& task) {
  state_penalty<Real>(task.lane, task.weight, task.frame.slices, task.u, task.value, task.slope);
  return sum<Real>(task.lane, task.value);
}

Index no_rim(const PenaltyFrame&) { return 0; }
Index one_pixel(const PenaltyFrame&) { return 1; }
Index two_radii(const PenaltyFrame& frame) {
  return 2 * DepthWedge<double>::radius(std::max(frame.step_y, frame.step_x));
}

/// The fields that most kinds leave alone.
RegulariserRow plain(RegulariserKind kind, std::string name, std::string meaning, std::vector<std::string> keys,
                     int degree, double (*single)(const PenaltyTask<float>&),
                     double (*twice)(const PenaltyTask<double>&)) {
  return {.kind = kind,
          .name = std::move(name),
          .meaning = std::move(meaning),
          .keys = std::move(keys),
          .degree = degree,
          .epsilon_rad = 0.005,
          .rim = no_rim,
          .needs_slices = false,
          .needs_states = false,
          .needs_both = false,
          .reweighted = false,
          .has_wedge = false,
          .single = single,
          .twice = twice};
}

std::vector<RegulariserRow> make_rows() {
  using Kind = RegulariserKind;
  std::vector<RegulariserRow> rows;
  rows.push_back(plain(Kind::l1, "l1", "sum of |x|", {"of", "epsilon_rad"}, 1, l1<float>, l1<double>));
  rows.push_back(plain(Kind::reweighted_l1, "reweighted_l1",
                       "|x| of each voxel times max|x|/(|x| + eta mean|x|) of the segment's start",
                       {"of", "epsilon_rad", "eta"}, 1, l1<float>, l1<double>));
  rows.back().reweighted = true;
  rows.push_back(plain(Kind::l2, "l2", "half the sum of x^2", {"of"}, 2, l2<float>, l2<double>));
  rows.push_back(plain(Kind::tv, "tv", "total variation", {"of", "epsilon_rad", "z_weight"}, 1, tv<float>, tv<double>));
  rows.back().epsilon_rad = 0.01;
  rows.back().rim = one_pixel;
  rows.push_back(plain(Kind::z_smoothness, "z_smoothness", "half the squared differences between slices", {"of"}, 2,
                       z_smoothness<float>, z_smoothness<double>));
  rows.back().needs_slices = true;
  rows.push_back(plain(Kind::kz_wedge, "kz_wedge",
                       "half the squares of what is wide in the plane but changes between slices, within a wedge",
                       {"of", "beta"}, 2, kz_wedge<float>, kz_wedge<double>));
  rows.back().rim = two_radii;
  rows.back().needs_slices = rows.back().has_wedge = true;
  rows.push_back(plain(Kind::absorption_ratio, "absorption_ratio", "half the squares of absorption - ratio phase",
                       {"ratio"}, 2, absorption_ratio<float>, absorption_ratio<double>));
  rows.back().needs_both = true;
  rows.push_back(plain(Kind::state_variance, "state_variance",
                       "half the squared differences between the states of the object and their mean", {"of"}, 2,
                       state_variance<float>, state_variance<double>));
  rows.back().needs_states = true;
  return rows;
}

}  // namespace

PenaltyFrame penalty_frame(const ObjectFrame& frame, Index planes, Index slices, double reference_pixel_A) {
  const double reference_A = reference_pixel_A > 0 ? reference_pixel_A : std::sqrt(frame.dy_A * frame.dx_A);
  return {frame.box(), planes, slices, reference_A / frame.dy_A, reference_A / frame.dx_A};
}

const std::vector<RegulariserRow>& regulariser_rows() {
  static const std::vector<RegulariserRow> rows = make_rows();
  return rows;
}

const RegulariserRow& regulariser_row(RegulariserKind kind) {
  return *std::ranges::find(regulariser_rows(), kind, &RegulariserRow::kind);
}

}  // namespace tessera
