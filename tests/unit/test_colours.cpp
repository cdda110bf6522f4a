// ranks: 1
// Colours against matplotlib's magma, and the order of the hues of OKLab.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "io/colour.hpp"

using namespace tessera;

namespace {

bool near(const Rgb& a, const Rgb& b) {
  return std::abs(a.r - b.r) < 0.02 && std::abs(a.g - b.g) < 0.02 && std::abs(a.b - b.b) < 0.02;
}

}  // namespace

/// matplotlib.cm.magma(0.0), (0.25), (0.5), (0.75) and (1.0).
BOOST_AUTO_TEST_CASE(magma_is_that_of_matplotlib) {
  BOOST_TEST(near(magma(0), {0.001462, 0.000466, 0.013866}));
  BOOST_TEST(near(magma(0.25), {0.316654, 0.071690, 0.485380}));
  BOOST_TEST(near(magma(0.5), {0.716387, 0.214982, 0.475290}));
  BOOST_TEST(near(magma(0.75), {0.986700, 0.535582, 0.382210}));
  BOOST_TEST(near(magma(1), {0.987053, 0.991438, 0.749504}));
  BOOST_TEST(near(magma(-3), magma(0)));
}

/// Hues 0 red, pi/2 yellow, pi green, -pi/2 blue, as the wheel in the picture is labelled; the amplitude is brightness.
BOOST_AUTO_TEST_CASE(phases_go_from_red_by_yellow_to_green) {
  const Rgb red = phase_wheel({1, 0}), yellow = phase_wheel({0, 1}), green = phase_wheel({-1, 0});
  const Rgb blue = phase_wheel({0, -1}), dark = phase_wheel({0.1, 0});
  BOOST_TEST((red.r > red.g && red.r > red.b));
  BOOST_TEST((yellow.r > yellow.b + 0.3 && yellow.g > yellow.b + 0.3));
  BOOST_TEST((green.g > green.r && green.g > green.b));
  BOOST_TEST((blue.b > blue.r && blue.b > blue.g));
  BOOST_TEST(dark.r == 0.1 * red.r, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(limits_are_percentiles_of_all_images) {
  std::vector<double> first(600), second(401);
  std::iota(first.begin(), first.end(), 0);
  std::iota(second.begin(), second.end(), 600);
  second.push_back(std::nan(""));
  const std::vector<double>* const images[] = {&first, &second};  // 0 to 1000
  BOOST_TEST(percentile_limits(images, 1, 99).first == 10);
  BOOST_TEST(percentile_limits(images, 1, 99).second == 990);
}
