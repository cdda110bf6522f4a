// ranks: 1
// Signs of phase and absorption: t = exp(i phase - absorption).
#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/model/object_variables.hpp"
#include "tests/support/devices.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

/// e^-0.2 = 0.818730753, cos 0.5 = 0.877582562, sin 0.5 = 0.479425539.
BOOST_DATA_TEST_CASE(a_phase_turns_forwards_and_an_absorption_weakens, data::make(devices) * data::make({0, 1, 2}),
                     device, which) {
  const auto representation = static_cast<Representation>(which);
  ObjectVariables<double> object(device, representation, 1, 1, 2);
  object.set_phase_absorption({0.5, 0}, {0.2, 0});
  Array<Complex<double>> t(device, 2);
  object.transmission(t.view(1, 1, 2));
  const std::vector<Complex<double>> values = t.to_vector();
  const double amplitude = representation == Representation::phase ? 1 : 0.818730753;
  BOOST_TEST(values[0].re == amplitude * 0.877582562, boost::test_tools::tolerance(1e-8));
  BOOST_TEST(values[0].im == amplitude * 0.479425539, boost::test_tools::tolerance(1e-8));
  BOOST_TEST(values[1].re == 1.0);
  BOOST_TEST(values[1].im == 0.0);
}

/// p = 0.5 rad: absorption 0.4 p, or a potential of 50 V A at 0.01 rad/(V A). e^-0.2 = 0.818730753.
BOOST_DATA_TEST_CASE(one_number_a_voxel_makes_phase_and_absorption, data::make(devices), device) {
  const RepresentationConstants constants{.absorption_ratio = 0.4, .interaction_rad_per_VA = 0.01};
  const std::pair<Representation, std::array<double, 2>> cases[] = {
      {Representation::absorption_ratio, {0.5, 0.818730753}}, {Representation::potential, {50, 1}}};
  for (const auto& [representation, expected] : cases) {
    ObjectVariables<double> object(device, representation, 1, 1, 1, constants);
    object.set_phase_absorption({0.5}, {7});  // what has no absorption of its own leaves it
    BOOST_TEST(object.values() == std::vector<double>{expected[0]}, boost::test_tools::per_element());
    Array<Complex<double>> t(device, 1);
    object.transmission(t.view(1, 1, 1));
    BOOST_TEST(t.to_vector()[0].re == expected[1] * 0.877582562, boost::test_tools::tolerance(1e-8));
    BOOST_TEST(t.to_vector()[0].im == expected[1] * 0.479425539, boost::test_tools::tolerance(1e-8));
  }
}

}  // namespace tessera::testing
