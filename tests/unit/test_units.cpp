// ranks: 1
#include <boost/test/unit_test.hpp>

#include "src/base/units.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(factors_of_the_units_that_users_see) {
  BOOST_TEST(units::rad_per_mrad == 0.001);
  BOOST_TEST(units::eV_per_keV == 1000);
  BOOST_TEST(180 * units::rad_per_degree == 3.141592653589793, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(units::bytes_per_MiB == 1048576);
  BOOST_TEST(units::A_per_nm == 10);
}
