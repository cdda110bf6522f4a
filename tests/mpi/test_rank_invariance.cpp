// ranks: 1 2 3 4 7
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "src/optimisation/solver.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

std::vector<Regulariser> tv_and_l1() {
  return {{.kind = RegulariserKind::tv, .of = RegulariserTarget::phase, .weight = 0.4, .z_weight = 0.5},
          {.kind = RegulariserKind::l1, .of = RegulariserTarget::absorption, .weight = 0.2}};
}

/// All kinds at once: the wedge's rim is wider than any tile.
std::vector<Regulariser> every_kind() {
  std::vector<Regulariser> all;
  for (const RegulariserRow& row : regulariser_rows())
    all.push_back({.kind = row.kind, .weight = 0.2, .epsilon_rad = 0.02, .z_weight = 0.5, .ratio = 0.2});
  return all;
}

/// The scans: tiles of a window's size, tiles smaller than the halo, and with regularisers and filtered transmission.
std::vector<SmallProblem> problems() {
  SmallProblem wide, dense{.step_A = 0.3}, regularised{.regularisers = tv_and_l1(), .step_A = 0.6};
  SmallProblem all_kinds{.regularisers = every_kind(), .step_A = 0.6};
  SmallProblem filtered{.representation = Representation::complex_transmission,
                        .transmission = TransmissionLimit::patch};
  SmallProblem phase_only{.device = separate_device(),
                          .representation = Representation::phase,
                          .loss = {.kind = LossKind::amplitude},
                          .batch = 3};
  SmallProblem potential{.representation = Representation::potential,
                         .regularisers = {{.kind = RegulariserKind::tv, .weight = 0.4}}};
  SmallProblem corner{.band_limit = 1, .rows = 12, .columns = 10, .l_shaped = true};
  return {wide, dense, regularised, all_kinds, filtered, phase_only, potential, corner};
}

/// What one evaluation gives, by global index.
struct Evaluation {
  double f = 0;
  std::vector<double> object, probe;
};

template <class Real>
Evaluation evaluate(const SmallProblem& small, const Comm& comm) {
  Problem<Real> problem = make_problem<Real>(small, comm);
  problem.set_penalty_unit(30);
  problem.reweigh();
  problem.evaluate();  // nothing of it may be left in the second
  const double f = problem.evaluate();
  return {f, gather_object(problem, problem.object().gradient()), problem.parameter("probe")->gradient};
}

template <class Real>
void check_equal_to_serial(double tolerance) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  for (const SmallProblem& small : problems()) {
    const Evaluation parallel = evaluate<Real>(small, world), serial = evaluate<Real>(small, alone);
    const double f_gap = relative_gap(parallel.f, serial.f);
    const double object_gap = relative_difference(parallel.object, serial.object);
    const double probe_gap = relative_difference(parallel.probe, serial.probe);
    BOOST_TEST_MESSAGE("f " << f_gap << ", object gradient " << object_gap << ", probe gradient " << probe_gap);
    BOOST_TEST(f_gap <= tolerance);
    BOOST_TEST(object_gap <= tolerance);
    BOOST_TEST(probe_gap <= tolerance);
  }
}

/// The object after `iterations`, from start values of which the first is `ulps` units in the last place larger.
std::vector<double> solved_object(const SmallProblem& small, const Comm& comm, int iterations, int ulps) {
  Problem<double> problem = make_problem<double>(small, comm);
  problem.set_penalty_unit(30);
  std::vector<double> values = problem.object().values();
  for (int i = 0; i < ulps && comm.is_root(); ++i)
    values[values.size() / 3] = std::nextafter(values[values.size() / 3], std::numeric_limits<double>::infinity());
  problem.object().set_values(values);
  SolveSettings settings;
  settings.iterations = iterations;
  settings.refine = {{"object", {}}, {"probe", {}}};
  const SolveReport report = solve<double>(problem, settings, [](const Iterate&) {});
  BOOST_TEST(report.iterations == iterations);
  BOOST_TEST(report.loss.back() < report.loss.front());
  return gather_object(problem, problem.object().values());
}

}  // namespace

BOOST_AUTO_TEST_CASE(loss_and_gradients_are_those_of_one_rank_in_double) { check_equal_to_serial<double>(1e-12); }

BOOST_AUTO_TEST_CASE(loss_and_gradients_are_those_of_one_rank_in_single) { check_equal_to_serial<float>(1e-5); }

BOOST_AUTO_TEST_CASE(the_dense_scan_has_tiles_smaller_than_the_halo) {
  const Comm world(MPI_COMM_WORLD);
  const SmallProblem dense{.step_A = 0.3};
  const ProblemSetup setup = setup_of(dense, world);
  Index smallest = setup.frame.nx;
  for (const Box& owned : setup.tiling.owned) smallest = std::min({smallest, owned.height(), owned.width()});
  BOOST_TEST((world.size() < 7 || smallest < dense.window.nx / 2), "smallest tile " << smallest);
}

BOOST_AUTO_TEST_CASE(object_after_25_iterations_is_that_of_one_rank) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  const SmallProblem irregular;
  const SmallProblem dense{.step_A = 0.3};
  const SmallProblem regularised{.regularisers = tv_and_l1(), .step_A = 0.6};
  const SmallProblem reweighted{.regularisers = {{.kind = RegulariserKind::reweighted_l1, .weight = 0.05}}};
  const SmallProblem corner{.rows = 12, .columns = 10, .l_shaped = true};
  for (const SmallProblem& small : {irregular, dense, regularised, reweighted, corner}) {
    const std::vector<double> parallel = solved_object(small, world, 25, 0);
    const std::vector<double> serial = solved_object(small, alone, 25, 0);
    const double gap = relative_difference(parallel, serial);
    const double growth = relative_difference(solved_object(small, alone, 25, 1), serial);
    BOOST_TEST_MESSAGE("object after 25 iterations: " << gap << ", one unit in the last place grows to " << growth);
    BOOST_TEST(gap <= std::max(1e-8, 10 * growth));
  }
}

BOOST_AUTO_TEST_CASE(bytes_sent_are_those_planned) {
  const Comm world(MPI_COMM_WORLD);
  for (const SmallProblem& small : problems()) {
    Problem<double> problem = make_problem<double>(small, world);
    for (int i = 0; i < 3; ++i) problem.evaluate();
    problem.quality();  // sends, too, but for no gradient
    const auto traffic = problem.traffic();
    BOOST_TEST(traffic.measured_bytes == traffic.planned_bytes);
    BOOST_TEST((world.size() == 1 || problem.exchange().planned_bytes() > 0));
    const bool rims = std::ranges::count(small.regularisers, RegulariserKind::tv, &Regulariser::kind) > 0;
    const double beside_rims = static_cast<double>(problem.exchange().planned_bytes());
    BOOST_TEST((world.size() == 1 || rims == (traffic.planned_bytes > beside_rims)));
  }
}

}  // namespace tessera::testing
