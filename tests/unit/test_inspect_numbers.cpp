// ranks: 1
// What `inspect` says of calibrations, by hand.
#include <boost/test/unit_test.hpp>

#include "src/workflow/examine/inspect_sampling.hpp"

using namespace tessera;

namespace {

std::string described(const Calibration& calibration) {
  InspectedPatterns patterns{.count = 4, .ny = 24, .nx = 50, .facts = {}};
  patterns.facts.read = 4;
  patterns.facts.mean_counts = 300;
  std::string text;
  for (const std::string& line : describe_sampling(calibration, patterns, {{0, 0}, {0, 1}, {1, 0}, {1, 1}}))
    text += line + "\n";
  return text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const Calibration beam{.wavelength_A = 0.04, .semiangle_rad = 0.02, .dk_y_invA = 0.05, .dk_x_invA = 0.025};

}  // namespace

/// 0.61 x 0.04/0.02 = 1.22 A in focus; 100 A of defocus add 2 A, of either sign.
BOOST_AUTO_TEST_CASE(the_probe_is_an_airy_disc_and_a_cone) {
  BOOST_TEST(probe_radius_A(0.04, 0.02, 0) == 1.22, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(probe_radius_A(0.04, 0.02, 100) == 3.22, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(probe_radius_A(0.04, 0.02, -100) == 3.22, boost::test_tools::tolerance(1e-12));
}

/// 20 mrad are 0.5/A: 10 pixels along y of 12 to the edge, 20 along x of 25.
BOOST_AUTO_TEST_CASE(the_detector_s_end_is_a_multiple_of_the_disc_s_radius) {
  const std::string text = described(beam);
  BOOST_TEST(has(text, "4 patterns of 24 x 50 pixels; in 4 of them: 300 counts a pattern"), text);
  BOOST_TEST(has(text, "object pixel 0.8333 x 0.8 A, probe window 20 x 40 A"), text);
  BOOST_TEST(has(text, "where the detector ends, in radii of the aperture               1.2        at least 1"), text);
  BOOST_TEST(!has(text, "larger than the detector"), text);
  Calibration wide = beam;
  wide.semiangle_rad = 0.026;  // 26 pixels along x
  BOOST_TEST(has(described(wide), "larger than the detector"));
}

/// A probe of 16 A across fills 0.8 of the window of 20 A.
BOOST_AUTO_TEST_CASE(a_probe_that_hardly_fits_is_told) {
  Calibration defocused = beam;
  defocused.C10_A = (7.9 - 1.22) / 0.02;
  BOOST_TEST(!has(described(defocused), "the probe must fit its window"));
  defocused.C10_A = -(8.1 - 1.22) / 0.02;
  BOOST_TEST(has(described(defocused), "the probe must fit its window"));
}
