// ranks: 1
// The matrix on the debug device, or on a GPU, in batches on two lanes. On the former every access is a system call, so
// that the scan is smaller; each unknown meets each stage, and one of them each loss and each representation.
// test_unknowns has all together.
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/unknown_matrix.hpp"

using namespace tessera::testing;

namespace {

bool runs_here(const MatrixCase& one) {
  const bool usual_loss = one.loss == "poisson", usual_representation = one.representation == "phase";
  if (one.unknown == "dose" && one.stage == "pixels") return usual_loss || usual_representation;
  return one.unknown != "all" && usual_loss && usual_representation;
}

const bool registered = [] {
  for (MatrixCase one : unknown_matrix()) {
    if (!runs_here(one)) continue;
    one.small.device = tessera::testing::separate_device();
    one.small.rows = 2;
    one.small.columns = 2;
    one.small.batch = 2;
    one.small.lanes = 2;
    add_gradient_case(one, false);
  }
  return true;
}();

}  // namespace

BOOST_AUTO_TEST_CASE(debug_device) { BOOST_TEST(registered); }
