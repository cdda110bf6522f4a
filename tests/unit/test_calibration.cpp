// ranks: 1
// The three ways to give a detector pixel, by hand.
#include <boost/test/unit_test.hpp>

#include "src/base/error.hpp"
#include "src/workflow/options/calibration.hpp"

using namespace tessera;

namespace {

constexpr double wavelength_A = 0.04;

const auto near = boost::test_tools::tolerance(1e-12);

}  // namespace

BOOST_AUTO_TEST_CASE(an_angle_over_the_wavelength_is_a_frequency) {
  RunOptions options;
  options.detector.pixel_rad = {2e-3, 1e-3};
  BOOST_TEST(detector_step_invA(options, wavelength_A)[0] == 0.05, near);
  BOOST_TEST(detector_step_invA(options, wavelength_A)[1] == 0.025, near);
}

BOOST_AUTO_TEST_CASE(a_frequency_is_taken_as_it_is) {
  RunOptions options;
  options.detector.pixel_invA = {0.3, 0.2};
  BOOST_TEST(detector_step_invA(options, wavelength_A)[0] == 0.3);
  BOOST_TEST(detector_step_invA(options, wavelength_A)[1] == 0.2);
}

/// 20 mrad are 10 pixels: 2 mrad each.
BOOST_AUTO_TEST_CASE(the_bright_field_s_radius_is_the_semi_angle) {
  RunOptions options;
  options.detector.bright_field_radius_px = 10;
  BOOST_CHECK_THROW(detector_step_invA(options, wavelength_A), InputError);
  options.beam.semiangle_rad = 20e-3;
  BOOST_TEST(detector_step_invA(options, wavelength_A)[0] == 0.05, near);
  BOOST_TEST(detector_step_invA(options, wavelength_A)[1] == 0.05, near);
}

BOOST_AUTO_TEST_CASE(an_energy_gives_the_wavelength_unless_it_is_given) {
  BeamOptions beam;
  BOOST_CHECK_THROW(beam_wavelength_A(beam), InputError);
  beam.energy_eV = 300e3;
  BOOST_TEST(beam_wavelength_A(beam) == 0.01968749, boost::test_tools::tolerance(1e-6));
  beam.wavelength_A = 0.02;
  BOOST_TEST(beam_wavelength_A(beam) == 0.02);
}
