// ranks: 1
// Regularisers against plain loops over the whole object, and what their weights do not depend on.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "tests/support/dot_test.hpp"
#include "tests/support/noise.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

constexpr double unit = 20;

/// Phase and absorption [plane, y, x], by index.
struct Voxels {
  Index planes, slices, ny, nx;
  std::vector<double> phase, absorption;
  double at(Index s, Index y, Index x) const { return phase[(s * ny + y) * nx + x]; }
};

Voxels voxels_of(const SmallProblem& small) {
  const Comm alone(MPI_COMM_SELF);
  const ObjectFrame frame = setup_of(small, alone).frame;
  Voxels voxels{small.states * small.slices, small.slices, frame.ny, frame.nx, {}, {}};
  for (Index i = 0; i < voxels.planes * frame.ny * frame.nx; ++i) {
    voxels.phase.push_back(0.3 * normal(1, i));
    voxels.absorption.push_back(0.1 * uniform(2, i));
  }
  return voxels;
}

double penalty_of(const SmallProblem& small, const Voxels& voxels) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  problem.set_penalty_unit(unit);
  problem.object().set_phase_absorption(voxels.phase, voxels.absorption);
  problem.reweigh();
  return problem.evaluate() - problem.data_loss();
}

SmallProblem with(const Regulariser& regulariser) {
  return {.regularisers = {regulariser}, .slices = 3, .states = 2, .rows = 2, .columns = 2};
}

void check_equal(double found, double expected) { BOOST_TEST(relative_gap(found, expected) < 1e-9); }

/// sum |filter * cosines|^2 with nothing beyond the object, as sums over all pairs of pixels.
double naive_wedge(const Voxels& v, Index radius_y, Index radius_x, const std::vector<double>& taps) {
  double total = 0;
  for (Index state = 0; state < v.planes; state += v.slices)
    for (Index m = 1; m < v.slices; ++m)
      for (Index y = 0; y < v.ny; ++y)
        for (Index x = 0; x < v.nx; ++x) {
          double sum = 0;
          for (Index j = std::max(Index{0}, y - radius_y); j <= std::min(v.ny - 1, y + radius_y); ++j)
            for (Index i = std::max(Index{0}, x - radius_x); i <= std::min(v.nx - 1, x + radius_x); ++i) {
              double wave = 0;
              for (Index s = 0; s < v.slices; ++s)
                wave += v.at(state + s, j, i) * std::sqrt(2.0 / static_cast<double>(v.slices)) *
                        std::cos(pi * static_cast<double>(m) * (static_cast<double>(s) + 0.5) /
                                 static_cast<double>(v.slices));
              const Index tap =
                  ((m - 1) * (2 * radius_y + 1) + j - y + radius_y) * (2 * radius_x + 1) + i - x + radius_x;
              sum += taps[tap] * wave;
            }
          total += sum * sum;
        }
  return total;
}

/// A smooth object, the same on any grid: a few waves across the field, between two of which slices differ.
double smooth_penalty(const Regulariser& regulariser, double pixels_per_reference) {
  constexpr double reference_A = 0.3;
  const double pixel_A = reference_A / pixels_per_reference;
  const auto n = static_cast<Index>(std::lround(48 * pixels_per_reference));
  const PenaltyFrame frame{{0, 0, n, n}, 3, 3, pixels_per_reference, pixels_per_reference};
  const Comm alone(MPI_COMM_SELF);
  const std::vector<Box> owned{frame.object};
  Penalty<double> penalty(alone, DeviceKind::host, {regulariser}, frame, owned);
  penalty.set_unit(1e4 * pixel_A * pixel_A);  // electrons per area
  ObjectVariables<double> object(DeviceKind::host, Representation::phase_absorption, 3, n, n);
  std::vector<double> phase, absorption;
  for (Index s = 0; s < 3; ++s)
    for (Index y = 0; y < n; ++y)
      for (Index x = 0; x < n; ++x) {
        const double y_A = (static_cast<double>(y) + 0.5) * pixel_A, x_A = (static_cast<double>(x) + 0.5) * pixel_A;
        const auto depth = static_cast<double>(s);
        phase.push_back(0.4 * std::sin(pi * y_A / 3.6 + depth) * std::cos(pi * x_A / 2.4) + 0.1 * depth);
        absorption.push_back(0.1 + 0.05 * std::sin(pi * x_A / 3.6));
      }
  object.set_phase_absorption(phase, absorption);
  penalty.reweigh(object);
  FirstFailure failure;
  return penalty.add(object, failure);
}

}  // namespace

BOOST_AUTO_TEST_CASE(l2_z_smoothness_and_ratio_are_sums_of_squares) {
  const SmallProblem l2 = with({.kind = RegulariserKind::l2, .of = RegulariserTarget::absorption, .weight = 0.5});
  const Voxels v = voxels_of(l2);
  check_equal(penalty_of(l2, v), unit * 0.5 / 2 * dot(v.absorption, v.absorption));
  double steps = 0;
  for (Index s = 0; s < v.planes; ++s)
    for (Index i = 0; i < v.ny * v.nx && s % v.slices != v.slices - 1; ++i)
      steps += std::pow(v.at(s + 1, 0, i) - v.at(s, 0, i), 2);
  check_equal(penalty_of(with({.kind = RegulariserKind::z_smoothness, .weight = 0.5}), v), unit * 0.5 / 2 * steps);
  double apart = 0;
  for (std::size_t i = 0; i < v.phase.size(); ++i) apart += std::pow(v.absorption[i] - 0.3 * v.phase[i], 2);
  check_equal(penalty_of(with({.kind = RegulariserKind::absorption_ratio, .weight = 0.5, .ratio = 0.3}), v),
              unit * 0.5 / 2 * apart);
}

BOOST_AUTO_TEST_CASE(states_differ_from_their_mean) {
  const SmallProblem small = with({.kind = RegulariserKind::state_variance, .weight = 0.5});
  const Voxels v = voxels_of(small);
  BOOST_REQUIRE(v.planes == 2 * v.slices);
  double sum = 0;
  for (Index s = 0; s < v.slices; ++s)
    for (Index i = 0; i < v.ny * v.nx; ++i) {
      const double apart = v.at(s, 0, i) - v.at(s + v.slices, 0, i);
      sum += apart * apart / 2;  // two deviations of half the difference
    }
  check_equal(penalty_of(small, v), unit * 0.5 / 2 * sum);
}

BOOST_AUTO_TEST_CASE(a_reweighted_norm_weighs_small_voxels_most) {
  const Regulariser regulariser{.kind = RegulariserKind::reweighted_l1, .weight = 0.5, .epsilon_rad = 0.02, .eta = 0.2};
  const SmallProblem small = with(regulariser);
  const Voxels v = voxels_of(small);
  double largest = 0, mean = 0, expected = 0;
  for (const double p : v.phase) {
    largest = std::max(largest, std::abs(p));
    mean += std::abs(p) / static_cast<double>(v.phase.size());
  }
  for (const double p : v.phase)
    expected += largest / (std::abs(p) + 0.2 * mean) * (std::sqrt(p * p + 0.02 * 0.02) - 0.02);
  check_equal(penalty_of(small, v), unit * 0.5 * expected);
}

/// Planes of two states: the last slice of one is no neighbour of the other's first.
BOOST_AUTO_TEST_CASE(total_variation_does_not_cross_states) {
  const Regulariser regulariser{.kind = RegulariserKind::tv, .weight = 0.5, .epsilon_rad = 0.02, .z_weight = 0.7};
  const SmallProblem small = with(regulariser);
  const Voxels v = voxels_of(small);
  const double a = std::sqrt(small.window.dx_A / small.window.dy_A);
  double expected = 0;
  for (Index s = 0; s < v.planes; ++s)
    for (Index y = 0; y < v.ny; ++y)
      for (Index x = 0; x < v.nx; ++x) {
        const double here = v.at(s, y, x);
        const double dy = y + 1 < v.ny ? a * (v.at(s, y + 1, x) - here) : 0;
        const double dx = x + 1 < v.nx ? (v.at(s, y, x + 1) - here) / a : 0;
        const double dz = s % v.slices != v.slices - 1 ? 0.7 * (v.at(s + 1, y, x) - here) : 0;
        expected += std::sqrt(dy * dy + dx * dx + dz * dz + 0.02 * 0.02) - 0.02;
      }
  check_equal(penalty_of(small, v), unit * 0.5 * expected);
}

BOOST_AUTO_TEST_CASE(the_wedge_is_a_sum_over_all_pairs_of_pixels) {
  const SmallProblem small = with({.kind = RegulariserKind::kz_wedge, .weight = 0.5, .beta = 0.8});
  const Voxels v = voxels_of(small);
  const double reference_A = std::sqrt(small.window.dy_A * small.window.dx_A);
  const double step_y = reference_A / small.window.dy_A, step_x = reference_A / small.window.dx_A;
  const Index radius_y = DepthWedge<double>::radius(step_y), radius_x = DepthWedge<double>::radius(step_x);
  const std::vector<double> taps = wedge_taps(v.slices, 0.8, radius_y, radius_x, step_y, step_x);
  check_equal(penalty_of(small, v), unit * 0.5 / 2 * naive_wedge(v, radius_y, radius_x, taps));
}

/// The filter's response at frequency q (cycles a pixel, along x): near the root of the wedge, whose tip the window
/// blurs.
BOOST_AUTO_TEST_CASE(the_filter_responds_as_the_wedge) {
  constexpr Index slices = 4, radius = 8;
  const std::vector<double> taps = wedge_taps(slices, 1, radius, radius, 1, 1);
  for (Index m = 1; m < slices; ++m)
    for (const double q : {0.0, 0.1, 0.2, 0.3, 0.45}) {
      double response = 0;
      for (Index j = 0; j <= 2 * radius; ++j)
        for (Index i = 0; i <= 2 * radius; ++i)
          response += taps[((m - 1) * (2 * radius + 1) + j) * (2 * radius + 1) + i] *
                      std::cos(2 * pi * q * static_cast<double>(i - radius));
      const double kz = static_cast<double>(m) / 8;
      const double wedge = 2 / pi * std::atan(kz * kz / (q * q + 1e-3));
      BOOST_TEST_MESSAGE("kz " << kz << ", k " << q << ": " << response * response << ", wedge " << wedge);
      BOOST_TEST(std::abs(response * response - wedge) < (q > 0 ? 0.05 : 0.13));
    }
}

/// What does not change with depth is in no wedge, first and last slice are no neighbours.
BOOST_AUTO_TEST_CASE(a_constant_column_has_no_wedge) {
  const SmallProblem small = with({.kind = RegulariserKind::kz_wedge, .weight = 0.5});
  Voxels v = voxels_of(small);
  const Index plane = v.ny * v.nx;
  for (Index i = 0; i < v.planes * plane; ++i) v.phase[i] = v.phase[i % plane];
  BOOST_TEST(std::abs(penalty_of(small, v)) < 1e-9);
}

/// The same phase has the same penalty and the same force on it, whatever the variable.
BOOST_AUTO_TEST_CASE(penalties_are_of_the_phase_in_rad) {
  for (const RegulariserRow& row : regulariser_rows()) {
    if (row.needs_both) continue;
    SmallProblem small = with({.kind = row.kind, .weight = 0.5, .epsilon_rad = 0.02, .z_weight = 0.5});
    const Voxels v = voxels_of(small);
    small.representation = Representation::phase;
    const double of_phase = penalty_of(small, v);
    small.representation = Representation::potential;
    BOOST_TEST(relative_gap(penalty_of(small, v), of_phase) < 1e-9, row.name);
    small.representation = Representation::absorption_ratio;
    BOOST_TEST(relative_gap(penalty_of(small, v), of_phase) < 1e-9, row.name);
  }
}

/// The same object on pixels 1.5 times finer, with the same electrons per area: the same penalty.
BOOST_AUTO_TEST_CASE(weights_mean_the_same_on_a_finer_grid) {
  for (const RegulariserRow& row : regulariser_rows()) {
    const Regulariser regulariser{.kind = row.kind, .weight = 0.5, .epsilon_rad = 0.005, .z_weight = 0.5, .ratio = 0.3};
    const double coarse = smooth_penalty(regulariser, 1), fine = smooth_penalty(regulariser, 1.5);
    BOOST_TEST_MESSAGE(row.name << ": " << coarse << ", on the finer grid " << fine);
    BOOST_TEST(relative_gap(coarse, fine) < 0.03, row.name);
  }
}

}  // namespace tessera::testing
