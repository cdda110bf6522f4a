// ranks: 1 2 4
// Directions over all positions that an unknown must not move along: the same on any number of ranks.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/base/random.hpp"
#include "src/optimisation/held_directions.hpp"
#include "src/optimisation/solver.hpp"
#include "tests/support/small_problem.hpp"

using namespace tessera;

namespace {

constexpr Index total = 37;

/// This rank's part of a function of the value's number.
template <class Function>
std::vector<double> part(const Comm& comm, Function of) {
  std::vector<double> values;
  for (Index i = total * comm.rank() / comm.size(); i < total * (comm.rank() + 1) / comm.size(); ++i)
    values.push_back(of(i));
  return values;
}

double dot(const Comm& comm, const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return comm.sum(sum);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_left_is_orthogonal_to_all_directions) {
  const Comm comm(MPI_COMM_WORLD);
  const std::vector<double> ones = part(comm, [](Index) { return 1.0; });
  const std::vector<double> line = part(comm, [](Index i) { return 100.0 + static_cast<double>(i); });
  const std::vector<double> both = part(comm, [](Index i) { return 3.0 - static_cast<double>(i); });
  const HeldDirections held(comm, {ones, line, both});
  std::vector<double> values = part(comm, [](Index i) { return random_normal(1, i); });
  const std::vector<double> before = values;
  held.remove(values);
  for (const auto* direction : {&ones, &line, &both}) BOOST_TEST(std::abs(dot(comm, values, *direction)) < 1e-10);
  // What was taken away is a line: of 37 random numbers most is left, and a second time changes nothing.
  BOOST_TEST(dot(comm, values, values) > 0.5 * dot(comm, before, before));
  std::vector<double> again = values;
  held.remove(again);
  for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST(std::abs(again[i] - values[i]) < 1e-13);
  std::vector<double> within = part(comm, [](Index i) { return 0.5 * static_cast<double>(i) - 7; });
  held.remove(within);
  BOOST_TEST(dot(comm, within, within) < 1e-20);
}

BOOST_AUTO_TEST_CASE(nothing_is_held_without_directions) {
  const Comm comm(MPI_COMM_WORLD);
  const HeldDirections none(comm, {}), zero(comm, {part(comm, [](Index) { return 0.0; })});
  BOOST_TEST(!none.any());
  BOOST_TEST(!zero.any());
}

/// Each of so few positions has a scale of its own, so that steps along what is free would leave it.
BOOST_AUTO_TEST_CASE(a_solve_moves_positions_but_not_the_scan) {
  const Comm comm(MPI_COMM_WORLD);
  tessera::testing::SmallProblem small{.unknowns = {"positions"}};
  Problem<double> problem = tessera::testing::make_problem<double>(small, comm);
  SolveSettings settings;
  settings.iterations = 6;
  settings.refine = {{"object", {}}, {"probe", {}}, {"positions", {}}};
  solve<double>(problem, settings, [](const Iterate&) {});
  const Parameter& positions = *problem.parameter("positions");
  const double moved = std::sqrt(dot(comm, positions.value, positions.value));
  BOOST_TEST(moved > 0.01);
  for (const std::vector<double>& direction : positions.map->held()) {
    const double length = std::sqrt(dot(comm, direction, direction));
    BOOST_TEST(std::abs(dot(comm, positions.value, direction)) < 1e-12 * moved * length);
  }
}
