// ranks: 1
// How a detector lies against the scan: keys, matrices, and what of defocus and astigmatism follows the axes.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/workflow/calibrate/findings.hpp"
#include "src/workflow/input/experiment.hpp"

using namespace tessera;

namespace {

double difference(const Matrix2& a, const Matrix2& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

}  // namespace

/// O against the map by which patterns are really turned: where a raw pixel beside the centre comes to lie.
BOOST_AUTO_TEST_CASE(flips_move_pixels_as_the_reader_does) {
  constexpr Index ny = 8, nx = 6;
  for (int bits = 0; bits < 8; ++bits) {
    DetectorOptions detector;
    detector.flip_y = (bits & 1) != 0;
    detector.flip_x = (bits & 2) != 0;
    detector.transpose = (bits & 4) != 0;
    const std::vector<Index> map = orientation_map(detector, ny, nx);
    const Index final_nx = detector.transpose ? ny : nx, final_ny = detector.transpose ? nx : ny;
    const PointYX raw{2, 1};
    const Index raw_pixel = (ny / 2 + 2) * nx + nx / 2 + 1;
    const auto at = static_cast<Index>(std::ranges::find(map, raw_pixel) - map.begin());
    const auto signed_of = [](Index i, Index n) { return static_cast<double>(i < (n + 1) / 2 ? i : i - n); };
    const Orientation o{detector.flip_y, detector.flip_x, detector.transpose, 0};
    const PointYX expected = mapped(o.on_detector(), raw);
    BOOST_TEST(signed_of(at / final_nx, final_ny) == expected.y);
    BOOST_TEST(signed_of(at % final_nx, final_nx) == expected.x);
  }
}

BOOST_AUTO_TEST_CASE(an_orientation_comes_back_with_the_smallest_rotation) {
  for (int bits = 0; bits < 8; ++bits)
    for (const double degrees : {-170.0, -100.0, -44.0, 0.0, 12.0, 60.0, 135.5, 180.0}) {
      const Orientation o{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, degrees * units::rad_per_degree};
      const Orientation found = orientation_of(o.to_scan());
      BOOST_TEST(difference(found.to_scan(), o.to_scan()) < 1e-9);
      BOOST_TEST(std::abs(found.rotation_rad) <= pi / 4 + 1e-5);
    }
}

BOOST_AUTO_TEST_CASE(a_product_comes_apart_into_a_turn_and_a_symmetric_part) {
  for (const bool mirrored : {false, true}) {
    const Matrix2 orthogonal = turn(0.7, mirrored), symmetric{3, 0.4, 0.4, 2};
    const PolarParts parts = polar(product(orthogonal, symmetric));
    BOOST_TEST(difference(parts.orthogonal, orthogonal) < 1e-12);
    BOOST_TEST(difference(parts.symmetric, symmetric) < 1e-12);
  }
}

/// What a run file says becomes a setting, and a trial's options say the same again.
BOOST_AUTO_TEST_CASE(a_run_file_s_defocus_and_astigmatism_come_back) {
  RunOptions options;
  options.detector.flip_x = options.detector.transpose = true;
  options.scan.rotation_rad = 0.3;
  options.beam.aberrations = {{"C10_A", -250.0}, {"C12_A", 40.0}, {"phi12_rad", 0.5}, {"C30_A", 1e6}};
  const Setting setting = given_setting(options);
  BOOST_TEST(setting.C10_A() == -250.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(setting.C12()[0] == 40.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(setting.C12()[1] == 0.5, boost::test_tools::tolerance(1e-12));
  const RunOptions trial = trial_options(options, setting, {5, 0.25});
  BOOST_TEST(trial.solve.iterations == 5);
  BOOST_TEST(trial.solve.held_out == 0.25);
  BOOST_TEST(trial.beam.aberrations.size() == 4U);
  const Setting again = given_setting(trial);
  BOOST_TEST(difference(again.defocus_A, setting.defocus_A) < 1e-9);
  BOOST_TEST(difference(again.to_scan, setting.to_scan) < 1e-9);
}

/// Eight different ways, and the twin of the twin is the setting.
BOOST_AUTO_TEST_CASE(there_are_eight_ways_and_two_twins) {
  Setting setting;
  setting.to_scan = turn(0.2, true);
  setting.defocus_A = {100, 5, 5, 90};
  const std::vector<Setting> ways = eight_ways(setting);
  BOOST_TEST(ways.size() == 8U);
  BOOST_TEST(difference(ways.front().to_scan, setting.to_scan) < 1e-12);
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < i; ++j) BOOST_TEST(difference(ways[i].to_scan, ways[j].to_scan) > 1);
  const Setting twin = setting.mirror_twin();
  BOOST_TEST(twin.C10_A() == -95.0);
  BOOST_TEST(difference(twin.mirror_twin().to_scan, setting.to_scan) == 0);
}

BOOST_AUTO_TEST_CASE(the_lead_is_the_smallest_over_the_patches) {
  const auto candidate = [](double a, double b) { return Candidate{{}, {a, b}, {200, 200}, {}}; };
  const Choice clear = choose({candidate(150, 150), candidate(100, 100), candidate(180, 110)});
  BOOST_TEST(clear.best == 1U);
  BOOST_TEST(clear.lead == 0.1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(clear.sure());
  const Choice divided = choose({candidate(100, 150), candidate(149, 90)});
  BOOST_TEST(!divided.sure());
  // One that is turned by 180 degrees and as good is the twin of a candidate in focus; one that is better is a rival.
  Candidate turned = candidate(100.01, 100.01);
  for (double& element : turned.setting.to_scan) element = -element;
  BOOST_TEST(choose({candidate(100, 100), turned, candidate(150, 150)}).lead == 0.5);
  turned.loss = {101, 101};
  BOOST_TEST(choose({candidate(100, 100), turned, candidate(150, 150)}).lead == 0.01,
             boost::test_tools::tolerance(1e-9));
}
