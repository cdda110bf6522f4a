#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "src/base/constants.hpp"
#include "src/geometry/scan_statistics.hpp"
#include "src/workflow/examine/inspect_find.hpp"
#include "src/workflow/examine/inspect_sampling.hpp"

using namespace tessera;

namespace {

/// 20 x 30 positions with these steps, turned by `turn_rad`.
std::vector<PointYX> raster(double step_y_A, double step_x_A, double turn_rad) {
  std::vector<PointYX> positions_A;
  for (int iy = 0; iy < 20; ++iy)
    for (int ix = 0; ix < 30; ++ix) {
      const double y = iy * step_y_A, x = ix * step_x_A;
      positions_A.push_back({y * std::cos(turn_rad) + x * std::sin(turn_rad) + 7,  //
                             x * std::cos(turn_rad) - y * std::sin(turn_rad) - 3});
    }
  return positions_A;
}

ListedDataset dataset(const std::string& path, const std::vector<Index>& shape, bool numeric = true) {
  return {path, DatasetInfo{.shape = shape, .numeric = numeric}};
}

std::string path_of(const ListedDataset* found) { return found == nullptr ? "none" : found->path; }

}  // namespace

BOOST_AUTO_TEST_CASE(both_steps_of_a_raster_are_found_at_any_angle) {
  for (const double turn_rad : {0.0, 0.3, pi / 4, 2.0})
    for (const auto& [y, x] : {std::pair(0.5, 2.0), std::pair(3.0, 0.5), std::pair(1.0, 1.0)}) {
      const ScanSteps steps = scan_steps(raster(y, x, turn_rad));
      BOOST_TEST(steps.nearest_A == std::min(x, y), boost::test_tools::tolerance(1e-9));
      BOOST_TEST(steps.across_A == std::max(x, y), boost::test_tools::tolerance(1e-9));
    }
}

BOOST_AUTO_TEST_CASE(steps_of_lines_repeats_and_single_positions) {
  std::vector<PointYX> line;
  for (int i = 0; i < 10; ++i) line.insert(line.end(), 3, PointYX{0.3 * i, 0.4 * i});
  BOOST_TEST(scan_steps(line).across_A == 0.5, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(scan_steps({{1, 2}}).across_A == 0);
  BOOST_TEST(area_per_position_A2({{1, 2}}) == 0);
  BOOST_TEST(area_per_position_A2({{1, 2}, {1, 2}}) == 0);
}

BOOST_AUTO_TEST_CASE(area_per_position_is_that_of_the_raster_s_cell) {
  for (const double turn_rad : {0.0, 0.3, pi / 4}) {
    const auto area_A2 = [&](double y, double x) { return area_per_position_A2(raster(y, x, turn_rad)); };
    BOOST_TEST(area_A2(0.7, 0.7) == 0.49, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(area_A2(0.5, 2.0) == 1.0, boost::test_tools::tolerance(0.05));
    BOOST_TEST(area_A2(3.0, 0.5) == 1.5, boost::test_tools::tolerance(0.05));
  }
}

BOOST_AUTO_TEST_CASE(an_irregular_scan_has_its_density_s_area_and_step) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> jitter(-0.25, 0.25);
  std::vector<PointYX> positions_A = raster(1, 1, 0);
  for (PointYX& p : positions_A) p = {p.y + jitter(generator), p.x + jitter(generator)};
  BOOST_TEST(area_per_position_A2(positions_A) == 1.0, boost::test_tools::tolerance(0.05));
  BOOST_TEST(scan_steps(positions_A).across_A == 1.0, boost::test_tools::tolerance(0.15));
}

BOOST_AUTO_TEST_CASE(overlap_and_dose_of_a_raster_with_two_steps) {
  const Calibration calibration{.wavelength_A = 0.04, .semiangle_rad = 0.0244, .dk_y_invA = 0.05, .dk_x_invA = 0.05};
  InspectedPatterns patterns{.count = 600, .ny = 32, .nx = 32, .facts = {}};
  patterns.facts.read = 64;
  patterns.facts.mean_counts = 300;
  std::string text;
  for (const std::string& line : describe_sampling(calibration, patterns, raster(0.5, 1.5, 0))) text += line + "\n";
  // The probe is 2 A wide, so that 0.5 A between neighbours would overlap by 75 %; 300 / (0.5 x 1.5) counts/A^2.
  BOOST_TEST(text.find("warning: overlap of neighbouring probes: 25 %") != std::string::npos, text);
  BOOST_TEST(text.find(" 390.9 e/A^2") != std::string::npos, text);  // the hull of a raster is a little larger
}

BOOST_AUTO_TEST_CASE(a_file_without_calibration_is_told_the_keys) {
  std::string text;
  for (const std::string& line : describe_sampling({}, {.count = 4, .ny = 32, .nx = 32, .facts = {}}, {}))
    text += line + "\n";
  for (const char* key : {"beam.energy_keV", "beam.semiangle_mrad", "detector.pixel_mrad", "data.positions"})
    BOOST_TEST(text.find(key) != std::string::npos, key << " is not in: " << text);
}

BOOST_AUTO_TEST_CASE(patterns_are_at_data_or_the_largest_stack_that_looks_like_a_detector) {
  const auto small = dataset("/small", {10, 32, 32}), large = dataset("/entry/scan", {4, 5, 32, 64});
  const auto text = dataset("/text", {99, 99, 99}, false), list = dataset("/a_scan/xy", {900, 900, 2});
  BOOST_TEST(path_of(find_patterns({small, large, text, list})) == "/entry/scan");
  BOOST_TEST(path_of(find_patterns({large, dataset("/data", {2, 16, 16})})) == "/data");
  BOOST_TEST(path_of(find_patterns({large, dataset("/data", {1600, 16})})) == "/entry/scan");
  BOOST_TEST(path_of(find_patterns({text, list, dataset("/image", {512, 512})})) == "none");
}

BOOST_AUTO_TEST_CASE(positions_are_at_positions_A_or_fit_the_patterns) {
  const auto wrong = dataset("/a/positions", {9, 2}), fits = dataset("/entry/Positions_nm", {4, 5, 2});
  BOOST_TEST(path_of(find_positions({wrong, fits}, 20)) == "/entry/Positions_nm");
  BOOST_TEST(path_of(find_positions({wrong, fits, dataset("/positions_A", {3, 2})}, 20)) == "/positions_A");
  BOOST_TEST(path_of(find_positions({dataset("/xy", {20, 2}), dataset("/position", {2, 20})}, 20)) == "none");
}
