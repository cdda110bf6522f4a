// ranks: 1
// Dot and Taylor tests of every unknown with every loss, representation and stage of the detector, on one lane; tests
// of diagonals, which take twice as long as all else, in every fifth case, so that each three of the four meet. Each
// case has its name: build/tests/property_test_unknown_matrix --list_content
#include <array>
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/support/unknown_matrix.hpp"

using namespace tessera::testing;

namespace {

const bool registered = [] {
  for (const MatrixCase& one : unknown_matrix()) add_gradient_case(one, one.chosen);
  return true;
}();

}  // namespace

BOOST_AUTO_TEST_CASE(the_matrix_has_every_unknown) {
  BOOST_TEST(registered);
  BOOST_TEST(unknown_matrix().size() >= 13U * 5 * 5 * 7);
}

BOOST_AUTO_TEST_CASE(each_three_meet_in_a_chosen_case) {
  std::set<std::array<std::string, 3>> all, chosen;
  for (const MatrixCase& one : unknown_matrix()) {
    const std::array<std::string, 4> names{one.unknown, one.loss, one.representation, one.stage};
    for (std::size_t without = 0; without < 4; ++without) {
      std::array<std::string, 3> three;
      for (std::size_t i = 0, to = 0; i < 4; ++i)
        if (i != without) three[to++] = names[i];
      all.insert(three);
      if (one.chosen) chosen.insert(three);
    }
  }
  BOOST_TEST(chosen.size() == all.size());
}
