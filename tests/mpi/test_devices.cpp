// ranks: 1 2 3
// Every device gives the host's loss and gradients, on any number of ranks: small windows go slice by slice, square
// ones of 32 pixels and more stay on chip on a GPU where all that changes between slices is the propagator.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/evaluation.hpp"

namespace tessera::testing {

namespace {

namespace data = boost::unit_test::data;

template <class Real>
Evaluation evaluate(SmallProblem small, DeviceKind device) {
  const Comm world(MPI_COMM_WORLD);
  small.device = device;
  Problem<Real> problem = make_problem<Real>(small, world);
  return evaluated(problem);
}

template <class Real>
void check_equal_to_host(const SmallProblem& small, DeviceKind device, double tolerance) {
  for (const auto& [part, gap] : gaps_between(evaluate<Real>(small, device), evaluate<Real>(small, DeviceKind::host)))
    BOOST_TEST(gap <= tolerance, part << " differs by " << gap);
}

SmallProblem square(Index n, Index slices, Index modes, std::vector<std::string> unknowns) {
  return {.band_limit = slices == 1 ? 1.0 : 2.0 / 3,
          .window = {.ny = n, .nx = n, .dy_A = 0.2, .dx_A = 0.2},
          .slices = slices,
          .modes = modes,
          .batch = 11,  // more windows over a pixel than a GPU's thread reads at a time, and a smaller batch after it
          .rows = 4,
          .columns = 4,
          .unknowns = std::move(unknowns)};
}

}  // namespace

BOOST_DATA_TEST_CASE(square_windows, data::make(devices) * data::make({32, 64, 96, 128}) * data::make({1, 2, 3}),
                     device, n, modes) {
  check_equal_to_host<float>(square(n, modes, modes, {"positions", "dose"}), device, 1e-4);
}

BOOST_DATA_TEST_CASE(square_windows_in_double, data::make(devices), device) {
  check_equal_to_host<double>(square(32, 2, 2, {"positions"}), device, 1e-10);
}

BOOST_DATA_TEST_CASE(what_does_not_stay_on_chip, data::make(devices) * data::make({1, 2}), device, lanes) {
  SmallProblem small = square(32, 3, 2, {"gaps", "tilts", "descan", "background"});
  small.lanes = lanes;
  check_equal_to_host<float>(small, device, 1e-4);
}

BOOST_DATA_TEST_CASE(lanes_beside_each_other, data::make(devices) * data::make({2, 3}), device, lanes) {
  SmallProblem small = square(32, 2, 2, {"positions"});
  small.lanes = lanes;
  small.batch = 2;
  check_equal_to_host<float>(small, device, 1e-4);
}

/// Patterns that are copied batch by batch, and a last batch that is smaller.
BOOST_DATA_TEST_CASE(patterns_from_the_host, data::make(devices) * data::make({1, 2}), device, lanes) {
  SmallProblem small = square(32, 2, 2, {"positions"});
  small.lanes = lanes;
  small.batch = 5;
  small.patterns_apart = true;
  check_equal_to_host<float>(small, device, 1e-4);
}

}  // namespace tessera::testing
