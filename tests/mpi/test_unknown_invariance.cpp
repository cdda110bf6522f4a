// ranks: 1 2 3 4 7
// All unknowns at once, on any number of ranks: the loss and every gradient are those of one rank.
#include <boost/test/unit_test.hpp>

#include "src/model/unknowns/rows.hpp"
#include "src/optimisation/solver.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

SmallProblem everything(double step_A, int lanes) {
  SmallProblem small{.states = 2, .psf_px = 0.7, .lanes = lanes};
  small.step_A = step_A;
  small.detector.psf_radius_px = 3;
  for (const UnknownRow& row : unknown_rows())
    if (row.part_of.empty() && !row.always) small.unknowns.push_back(row.name);
  return small;
}

/// The same where the detector sees a part of the window and sums its pixels.
SmallProblem cropped_and_summed(double step_A, int lanes) {
  SmallProblem small = everything(step_A, lanes);
  set_detector(small, 9, 11, 2);
  return small;
}

/// f, the object's gradient, and each parameter's, by place in the whole scan.
std::vector<std::vector<double>> evaluate(Problem<double>& problem) {
  std::vector<std::vector<double>> all{{problem.evaluate()}, gather_object(problem, problem.object().gradient())};
  const std::vector<Index>& ids = problem.setup().ids;
  for (const Parameter& parameter : problem.parameters()) {
    all.push_back(parameter.gradient);
    if (parameter.extent() == Extent::global) continue;
    const auto components = static_cast<std::size_t>(parameter.map->count(Extent::position, 1));
    std::vector<double> whole(static_cast<std::size_t>(problem.positions_total()) * components, 0.0);
    for (std::size_t i = 0; i < parameter.gradient.size(); ++i)
      whole[static_cast<std::size_t>(ids[i / components]) * components + i % components] = parameter.gradient[i];
    problem.comm().sum(whole);
    all.back() = whole;
  }
  return all;
}

void check_equal(const std::vector<std::vector<double>>& parallel, const std::vector<std::vector<double>>& serial) {
  BOOST_REQUIRE(parallel.size() == serial.size());
  for (std::size_t i = 0; i < serial.size(); ++i) {
    const double gap = relative_difference(parallel[i], serial[i]);
    BOOST_TEST(gap <= 1e-12, "part " << i << ": " << gap);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(loss_and_all_gradients_are_those_of_one_rank) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  for (const double step_A : {0.9, 0.3}) {
    for (const auto& make : {everything, cropped_and_summed}) {
      Problem<double> parallel = make_problem<double>(make(step_A, 2), world);
      Problem<double> serial = make_problem<double>(make(step_A, 1), alone);
      perturb_all(parallel);
      perturb_all(serial);
      check_equal(evaluate(parallel), evaluate(serial));
    }
  }
}

/// The set of a position goes with it.
BOOST_AUTO_TEST_CASE(signed_channels_of_two_sets_are_those_of_one_rank) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  const auto evaluated = [](const Comm& comm, int lanes) {
    SmallProblem small = everything(0.3, lanes);
    small.loss.kind = LossKind::weighted;
    small.virtual_sets = 2;
    small.signed_weights = true;
    Problem<double> problem = make_problem<double>(small, comm);
    perturb_all(problem);
    return evaluate(problem);
  };
  check_equal(evaluated(world, 2), evaluated(alone, 1));
}

/// Positions wander by pixels, across tiles: windows follow, owners stay, and the answer is that of one rank.
BOOST_AUTO_TEST_CASE(windows_follow_positions_across_tiles) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  const auto wandered = [](const Comm& comm) {
    Problem<double> problem = make_problem<double>(everything(0.3, 1), comm);
    perturb_all(problem);
    perturb(*problem.parameter("positions"), problem.setup().ids, 0.6);
    const double before = problem.evaluate();
    BOOST_TEST(problem.follow_positions());
    BOOST_TEST(!problem.follow_positions());  // they have arrived
    const std::vector<double> slope = problem.instrument().sites.front().slope;
    const Box work = problem.setup().tiling.work[comm.rank()], frame = problem.setup().frame.box();
    for (std::size_t j = 0; j < problem.setup().placements.size(); ++j) {
      const Box window = window_box(problem.setup().placements[j], problem.shape().window);
      BOOST_TEST(contains(work, window));
      const bool inside = window.y0 > frame.y0 && window.x0 > frame.x0 && window.y1 < frame.y1 && window.x1 < frame.x1;
      BOOST_TEST((!inside || (std::abs(slope[2 * j]) <= 0.5 && std::abs(slope[2 * j + 1]) <= 0.5)));
    }
    BOOST_TEST(relative_gap(before, problem.evaluate()) < 0.5);
    return evaluate(problem);
  };
  check_equal(wandered(world), wandered(alone));
}

/// A whole solve in segments, in which unknowns come and go and windows follow.
BOOST_AUTO_TEST_CASE(a_solve_of_everything_is_that_of_one_rank) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  const auto solved = [](const Comm& comm) {
    Problem<double> problem = make_problem<double>(everything(0.6, 1), comm);
    SolveSettings settings;
    settings.iterations = 8;
    settings.refresh = 5;
    settings.refine["object"] = {};
    for (const Parameter& parameter : problem.parameters()) settings.refine[parameter.row->name] = {2, 7};
    const SolveReport report = solve<double>(problem, settings, [](const Iterate&) {});
    BOOST_TEST(report.iterations == 8);
    BOOST_TEST(report.loss.back() < report.loss.front());
    return evaluate(problem);
  };
  const auto parallel = solved(world), serial = solved(alone);
  for (std::size_t i = 0; i < 2; ++i) BOOST_TEST(relative_difference(parallel[i], serial[i]) <= 1e-6);
}

}  // namespace tessera::testing
