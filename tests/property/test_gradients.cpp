// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/noise.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/taylor_test.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

std::vector<double> noise(std::uint64_t seed, std::size_t count, double size) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(size * normal(seed, static_cast<Index>(i)));
  return values;
}

double object_order(Problem<double>& problem) {
  const double f0 = problem.evaluate();
  const std::vector<double> start = problem.object().values(), direction = noise(1, start.size(), 0.1);
  const double slope = dot(problem.object().gradient(), direction);
  const auto f = [&](double h) {
    std::vector<double> values = start;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += h * direction[i];
    problem.object().set_values(values);
    return problem.evaluate();
  };
  const double order = taylor_order(f, f0, slope, 2e-3);
  problem.object().set_values(start);
  return order;
}

double probe_order(Problem<double>& problem) {
  const double f0 = problem.evaluate();
  const std::vector<Complex<double>> start = problem.probe();
  const std::vector<double> direction = noise(2, 2 * start.size(), 1);
  const double slope = dot(as_reals(problem.probe_gradient()), direction);
  const auto f = [&](double h) {
    std::vector<Complex<double>> values = start;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = values[i] + h * Complex<double>{direction[2 * i], direction[2 * i + 1]};
    problem.set_probe(values);
    return problem.evaluate();
  };
  return taylor_order(f, f0, slope, 2e-3);
}

void check_orders(const SmallProblem& small) {
  const Comm alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(small, alone);
  problem.set_penalty_unit(1000);
  const double object = object_order(problem), probe = probe_order(problem);
  BOOST_TEST_MESSAGE("object " << object << ", probe " << probe);
  BOOST_TEST(std::abs(object - 2) <= 0.05);
  BOOST_TEST(std::abs(probe - 2) <= 0.05);
}

}  // namespace

BOOST_DATA_TEST_CASE(loss_and_representation, data::make(devices) * data::make({0, 1, 2, 3}) * data::make({0, 1, 2}),
                     device, loss, representation) {
  check_orders({.device = device,
                .representation = static_cast<Representation>(representation),
                .loss = {.kind = static_cast<LossKind>(loss), .epsilon = loss == 2 ? 0.375 : 0.1},
                .batch = device == DeviceKind::host ? 1 : 3});
}

BOOST_DATA_TEST_CASE(band_limited_transmission, data::make(devices), device) {
  check_orders({.device = device, .transmission = TransmissionLimit::patch});
}

BOOST_DATA_TEST_CASE(regularisers, data::make(devices) * data::make({0, 1}) * data::make({0, 1}), device, kind, of) {
  check_orders({.device = device,
                .regularisers = {{.kind = static_cast<RegulariserKind>(kind),
                                  .of = static_cast<RegulariserTarget>(of),
                                  .weight = 1,
                                  .epsilon_rad = 0.02,
                                  .z_weight = 0.7}}});
}

}  // namespace tessera::testing
