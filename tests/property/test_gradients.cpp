// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/optimisation/gradient_check.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

/// Object and probe, each alone and together; regularisers and their exact slopes are part of f.
void check(const SmallProblem& small) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  problem.set_penalty_unit(1000);
  problem.reweigh();
  for (const GradientCheck& found : check_gradients(problem, 0)) {
    BOOST_TEST_MESSAGE(found.name << ": dot " << found.dot_gap << ", order " << found.taylor_order);
    BOOST_TEST(found.dot_gap <= 1e-12, found.name << ": dot test " << found.dot_gap);
    BOOST_TEST(std::abs(found.taylor_order - 2) <= 0.05, found.name << ": Taylor order " << found.taylor_order);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(loss_and_representation, data::make({0, 1, 2, 3}) * data::make({0, 1, 2, 3, 4}), loss,
                     representation) {
  // The protected memory of the debug device is slow: each loss and each representation meets it once.
  const DeviceKind device = loss == representation % 4 ? separate_device() : DeviceKind::host;
  check({.device = device,
         .representation = static_cast<Representation>(representation),
         .loss = {.kind = static_cast<LossKind>(loss), .epsilon = loss == 2 ? 0.375 : 0.1},
         .batch = device == DeviceKind::host ? 1 : 3,
         .rows = 3,
         .columns = 4});
}

BOOST_DATA_TEST_CASE(band_limited_transmission, data::make(devices) * data::make({1, 2}), device, lanes) {
  check({.device = device,
         .transmission = TransmissionLimit::patch,
         .batch = device == DeviceKind::host ? 1 : 3,
         .rows = 3,
         .columns = 4,
         .lanes = lanes});
}

/// Each kind on both parts of the object; the voxels' own weights are those of the values.
BOOST_DATA_TEST_CASE(regularisers, data::make(devices) * data::xrange(regulariser_rows().size()) * data::make({0, 1}),
                     device, row, of) {
  check({.device = device,
         .regularisers = {{.kind = regulariser_rows()[row].kind,
                           .of = static_cast<RegulariserTarget>(of),
                           .weight = 1,
                           .epsilon_rad = 0.02,
                           .z_weight = 0.7,
                           .ratio = 0.3}},
         .states = 2,  // a variance of states has a slope only where there are several
         .rows = 3,
         .columns = 4});
}

}  // namespace tessera::testing
