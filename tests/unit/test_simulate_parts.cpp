// ranks: 1
// Dose, scan and noise of a simulation.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/workflow/simulate/simulate_noise.hpp"
#include "src/workflow/simulate/simulate_setup.hpp"

using namespace tessera;

namespace {

RunOptions options() {
  RunOptions o;
  o.beam.energy_eV = 80e3;
  o.beam.semiangle_rad = 0.02;
  o.detector.pixel_invA = {0.125, 0.1};
  o.scan.step_A = {0.5, 2};
  o.simulate.scan.shape = {20, 30};
  o.simulate.detector.shape = {32, 48};
  return o;
}

}  // namespace

/// 1e4 electrons/A^2 on 0.5 x 2 A^2 a position.
BOOST_AUTO_TEST_CASE(a_dose_is_for_the_area_of_a_scan_step) {
  RunOptions o = options();
  BOOST_TEST(make_setup(o, {}).electrons == 1);
  BOOST_TEST(!make_setup(o, {}).noisy);
  o.simulate.dose_e_per_A2 = 2e4;
  BOOST_TEST(make_setup(o, {}).electrons == 2e4, boost::test_tools::tolerance(1e-12));
  o.scan.step_A = {0.5, 0.4};
  BOOST_TEST(make_setup(o, {}).electrons == 4e3, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(make_setup(o, {}).noisy);
}

/// The detector implies windows of 1/0.125 = 8 and 1/0.1 = 10 A, and pixels of 8/32 and 10/48 A.
BOOST_AUTO_TEST_CASE(the_detector_gives_window_and_pixel_of_the_reconstruction) {
  const SimulationSetup setup = make_setup(options(), {});
  BOOST_TEST(setup.reconstruction.ny == 32);
  BOOST_TEST(setup.reconstruction.dy_A == 0.25, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(setup.reconstruction.dx_A == 10.0 / 48, boost::test_tools::tolerance(1e-12));
  const Grid& window = setup.sampling.window;
  BOOST_TEST(static_cast<double>(window.ny) * window.dy_A == 8, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(static_cast<double>(window.nx) * window.dx_A == 10, boost::test_tools::tolerance(1e-12));
  BOOST_TEST((window.dy_A <= 0.08 && window.dx_A <= 0.08));
}

BOOST_AUTO_TEST_CASE(a_scan_starts_where_it_is_told_and_runs_along_x_first) {
  RunOptions o = options();
  o.simulate.scan.start_A = {3, -4};
  const std::vector<PointYX> positions_A = scan_positions(o.simulate, *o.scan.step_A);
  BOOST_TEST(positions_A.size() == 600u);
  BOOST_TEST(positions_A[0].y == 3);
  BOOST_TEST(positions_A[0].x == -4);
  BOOST_TEST(positions_A[2 * 30 + 5].y == 3 + 2 * 0.5);
  BOOST_TEST(positions_A[2 * 30 + 5].x == -4 + 5 * 2.0);
}

/// Uniform in +-0.3 A: mean 0, variance 0.3^2/3; of 600 the mean strays by 0.007 and the variance by 0.0011.
BOOST_AUTO_TEST_CASE(jitter_goes_to_both_sides) {
  RunOptions o = options();
  o.simulate.scan.jitter_A = 0.3;
  const std::vector<PointYX> moved = scan_positions(o.simulate, {0, 0});
  for (const auto& along : {&PointYX::y, &PointYX::x}) {
    double sum = 0, squares = 0, largest = 0;
    for (const PointYX& p : moved) {
      sum += p.*along;
      squares += p.*along * (p.*along);
      largest = std::max(largest, std::abs(p.*along));
    }
    BOOST_TEST(std::abs(sum / 600) < 0.03);
    BOOST_TEST(squares / 600 == 0.03, boost::test_tools::tolerance(0.2));
    BOOST_TEST((largest > 0.29 && largest <= 0.3));
  }
}

/// Three kinds of errors, from streams of their own; the stored positions stay on the grid.
BOOST_AUTO_TEST_CASE(errors_are_normal_and_leave_the_stored_positions) {
  RunOptions o = options();
  o.simulate.position_error_A = 0.2;
  o.simulate.descan_px = 0.2;
  const SimulationSetup setup = make_setup(o, {});
  BOOST_TEST(setup.errors.log_dose.empty());
  double squares = 0, product = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    const PointYX moved = setup.errors.moved_A[i], shift = setup.errors.descan_px[i];
    BOOST_TEST(setup.positions_A[i].y - setup.nominal_A[i].y == moved.y, boost::test_tools::tolerance(1e-9));
    squares += moved.y * moved.y + moved.x * moved.x;
    product += moved.y * shift.y + moved.x * shift.x;
  }
  BOOST_TEST(squares / 1200 == 0.04, boost::test_tools::tolerance(0.15));
  BOOST_TEST(std::abs(product / 1200) < 5 * 0.04 / std::sqrt(1200.0));
  o.simulate.seed = 1;
  BOOST_TEST(make_setup(o, {}).errors.moved_A[0].y != setup.errors.moved_A[0].y);
}

/// Mean and variance of Poisson counts are their expectation; 5 standard errors of 40,000 pixels.
BOOST_AUTO_TEST_CASE(counts_have_the_mean_and_the_variance_of_poisson) {
  for (const double mu : {0.05, 2.0, 40.0, 3000.0}) {
    std::vector<double> counts(40000, mu);
    add_poisson_noise(random_key(1, 3, 7), counts);
    double sum = 0, squares = 0;
    for (const double count : counts) {
      BOOST_REQUIRE(count == std::floor(count));
      sum += count - mu;
      squares += (count - mu) * (count - mu);
    }
    BOOST_TEST_CONTEXT("mu " << mu) {
      BOOST_TEST(std::abs(sum / 40000) < 5 * std::sqrt(mu / 40000));
      BOOST_TEST(std::abs(squares / 40000 - mu) < 5 * std::sqrt((2 * mu * mu + mu) / 40000));
    }
  }
  std::vector<double> none{0, -1};
  add_poisson_noise(1, none);
  BOOST_TEST((none[0] == 0 && none[1] == 0));
}
