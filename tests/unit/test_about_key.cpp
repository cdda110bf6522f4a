#include <boost/test/unit_test.hpp>

#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/options/about_key.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(an_input_error_leaves_with_the_key_in_front) {
  const auto fails = [] { throw Error(ExitCode::data_missing, "3 A is too much", true); };  // as the ranks agree on
  BOOST_CHECK_EXCEPTION(about_key("scan.step_A", fails), InputError, [](const InputError& error) {
    return error.what() == std::string("scan.step_A: 3 A is too much") && error.code() == ExitCode::data_missing &&
           error.agreed();
  });
}

BOOST_AUTO_TEST_CASE(values_and_other_errors_pass) {
  BOOST_TEST(about_key("a", [] { return 3; }) == 3);
  BOOST_CHECK_EXCEPTION(about_key("a", [] { throw SystemError(ExitCode::cannot_write, "full"); }), SystemError,
                        [](const SystemError& error) { return error.what() == std::string("full"); });
}

BOOST_AUTO_TEST_CASE(a_probe_names_the_key_that_made_it_impossible) {
  BeamOptions beam;
  beam.semiangle_rad = 0.05;
  const Grid window{16, 16, 0.5, 0.5};
  BOOST_CHECK_EXCEPTION(computed_probe(beam, window, 0.04), InputError, [](const InputError& error) {
    return error.what() == std::string(
                               "beam.semiangle_mrad: an aperture of 50 mrad is too wide, the window's pixels of "
                               "0.5 x 0.5 A reach only 40 mrad: it must lie inside the detector") &&
           error.code() == ExitCode::run_file;
  });
  beam.aberrations = {{"Cs_A", 1.0}};
  BOOST_CHECK_EXCEPTION(computed_probe(beam, window, 0.04), InputError, [](const InputError& error) {
    return std::string(error.what()).starts_with("beam.aberrations: Cs_A is not an aberration");
  });
}
