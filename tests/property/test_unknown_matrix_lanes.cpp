// ranks: 1
// A fifth of the matrix of unknowns, losses, representations and stages once more, on three lanes; each three of them
// meet. Diagonals come from the same sweeps.
#include <boost/test/unit_test.hpp>

#include "tests/support/unknown_matrix.hpp"

using namespace tessera::testing;

namespace {

const bool registered = [] {
  for (MatrixCase one : unknown_matrix()) {
    if (!one.chosen) continue;
    one.small.lanes = 3;
    add_gradient_case(one, false);
  }
  return true;
}();

}  // namespace

BOOST_AUTO_TEST_CASE(three_lanes) { BOOST_TEST(registered); }
