// ranks: 1
// Dot, Taylor and diagonal tests of every unknown with every loss, representation and stage of the detector, on one
// lane. Each case has its name: build/tests/property_test_unknown_matrix --list_content
#include <boost/test/unit_test.hpp>

#include "tests/support/unknown_matrix.hpp"

using namespace tessera::testing;

namespace {

const bool registered = [] {
  for (const MatrixCase& one : unknown_matrix()) add_gradient_case(one, true);
  return true;
}();

}  // namespace

BOOST_AUTO_TEST_CASE(the_matrix_has_every_unknown) {
  BOOST_TEST(registered);
  BOOST_TEST(unknown_matrix().size() >= 13U * 5 * 5 * 7);
}
