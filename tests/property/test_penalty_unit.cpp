// ranks: 1
// The unit of a regulariser's weight is what the data say of a voxel, whatever the settings.
#include <boost/test/unit_test.hpp>

#include "src/optimisation/curvature.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

double unit_of(const SmallProblem& small) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  return penalty_unit(problem);
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_moves_neither_with_the_band_limit_nor_with_modes_but_with_the_dose) {
  const double unit = unit_of({.band_limit = 1, .modes = 1});
  BOOST_TEST_MESSAGE("unit " << unit << ", band limit 2/3 " << unit_of({.band_limit = 2.0 / 3, .modes = 1})
                             << ", three modes " << unit_of({.band_limit = 1, .modes = 3}));
  BOOST_TEST(relative_gap(unit_of({.band_limit = 2.0 / 3, .modes = 1}), unit) < 0.1);
  BOOST_TEST(relative_gap(unit_of({.band_limit = 1, .modes = 3}), unit) < 0.1);
  BOOST_TEST(relative_gap(unit_of({.band_limit = 1, .modes = 1, .electrons = 8000}), 4 * unit) < 0.02);
}

/// Scales and the unit are of the pixels that are fitted; which they are does not matter.
BOOST_AUTO_TEST_CASE(what_is_held_out_adds_nothing) {
  const Comm alone(MPI_COMM_SELF);
  const SmallProblem half{.held_out = {.share = 0.5}};
  Problem<double> whole = make_problem<double>({}, alone), fitted = make_problem<double>(half, alone);
  BOOST_TEST(relative_gap(penalty_unit(fitted), 0.5 * penalty_unit(whole)) < 1e-12);
  BOOST_TEST(probe_curvature(fitted) == 0.5 * probe_curvature(whole));
  BOOST_TEST(object_light(fitted)[40] == 0.5 * object_light(whole)[40]);
}

}  // namespace tessera::testing
