// ranks: 1 2 3
// Every device gives the host's loss and gradients, on any number of ranks: small windows go slice by slice, square
// ones of 32 pixels and more stay on chip on a GPU where all that changes between slices is the propagator.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

namespace data = boost::unit_test::data;

/// What one evaluation gives, by global index; of the unknowns only those that every rank holds.
struct Evaluation {
  double f = 0;
  std::vector<double> object;
  std::vector<std::pair<std::string, std::vector<double>>> unknowns;
};

template <class Real>
Evaluation evaluate(SmallProblem small, DeviceKind device) {
  const Comm world(MPI_COMM_WORLD);
  small.device = device;
  Problem<Real> problem = make_problem<Real>(small, world);
  perturb_all(problem);
  problem.update();
  problem.evaluate();  // nothing of it may be left in the second
  Evaluation found{
      .f = problem.evaluate(), .object = gather_object(problem, problem.object().gradient()), .unknowns = {}};
  for (const Parameter& parameter : problem.parameters())
    found.unknowns.emplace_back(parameter.row->name, parameter.gradient);
  return found;
}

template <class Real>
void check_equal_to_host(const SmallProblem& small, DeviceKind device, double tolerance) {
  const Evaluation there = evaluate<Real>(small, device), here = evaluate<Real>(small, DeviceKind::host);
  BOOST_TEST(relative_gap(there.f, here.f) <= tolerance);
  BOOST_TEST(relative_difference(there.object, here.object) <= tolerance);
  for (std::size_t i = 0; i < here.unknowns.size(); ++i) {
    const double gap = relative_difference(there.unknowns[i].second, here.unknowns[i].second);
    BOOST_TEST(gap <= tolerance, here.unknowns[i].first << " differs by " << gap);
  }
}

SmallProblem square(Index n, Index slices, Index modes, std::vector<std::string> unknowns) {
  return {.band_limit = slices == 1 ? 1.0 : 2.0 / 3,
          .window = {.ny = n, .nx = n, .dy_A = 0.2, .dx_A = 0.2},
          .slices = slices,
          .modes = modes,
          .batch = 5,
          .rows = 3,
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

}  // namespace tessera::testing
