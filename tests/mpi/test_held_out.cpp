// ranks: 1 2 4
// Pixels kept out of the fit: which they are, that the fit does not know them, and the solve that they end.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/optimisation/held_out_watch.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

/// Few electrons: a fit soon follows their noise.
SmallProblem of_low_dose(bool whole_patterns = false) {
  return {.slices = 1,
          .modes = 1,
          .electrons = 60,
          .unknowns = {"dose"},
          .held_out = {.share = 0.2, .whole_patterns = whole_patterns, .seed = 1}};
}

struct Evaluation {
  double f = 0, held_out = 0;
  std::vector<double> object, probe;
  friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

Evaluation evaluation_of(Problem<double>& problem) {
  const double f = problem.evaluate();
  return {f, problem.held_out_loss(), gather_object(problem, problem.object().gradient()),
          problem.parameter("probe")->gradient};
}

SolveSettings until_it_turns(int dose_from) {
  SolveSettings settings;
  settings.iterations = 80;
  settings.stop = StopRule::held_out;
  settings.refine = {{"object", {}}, {"probe", {1}}, {"dose", {dose_from}}};
  return settings;
}

}  // namespace

BOOST_DATA_TEST_CASE(any_number_of_ranks_and_lanes_holds_out_the_same, data::make({false, true}), whole_patterns) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  SmallProblem small = of_low_dose(whole_patterns);
  Problem<double> serial = make_problem<double>(small, alone), parallel = make_problem<double>(small, world);
  small.lanes = 3;
  Problem<double> in_lanes = make_problem<double>(small, world);
  BOOST_TEST(parallel.pixels().held_out == serial.pixels().held_out);
  BOOST_TEST(parallel.pixels().fitted == serial.pixels().fitted);
  const Evaluation one = evaluation_of(serial), many = evaluation_of(parallel);
  BOOST_TEST((evaluation_of(in_lanes) == many));
  BOOST_TEST(one.held_out > 0);
  BOOST_TEST(relative_gap(many.f, one.f) <= 1e-12);
  BOOST_TEST(relative_gap(many.held_out, one.held_out) <= 1e-12);
  BOOST_TEST(relative_difference(many.object, one.object) <= 1e-12);
  BOOST_TEST(relative_difference(many.probe, one.probe) <= 1e-12);
}

/// Other counts in all pixels held out: f and its gradient keep their bits. One in another pixel: they do not.
BOOST_DATA_TEST_CASE(the_fit_does_not_know_what_is_held_out, data::make({false, true}), whole_patterns) {
  const Comm world(MPI_COMM_WORLD);
  const SmallProblem small = of_low_dose(whole_patterns);
  Problem<double> problem = make_problem<double>(small, world);
  const std::vector<double> valid = mask_of(small);
  HeldOut rule = held_out_rule(small.held_out);
  rule.names = problem.setup().ids.data();
  const auto pixels = static_cast<Index>(valid.size());
  std::vector<std::uint16_t> held_out_changed = counts_of(small, world), fitted_changed = held_out_changed;
  bool changed = !world.is_root();
  for (Index i = 0; i < static_cast<Index>(held_out_changed.size()); ++i) {
    const bool held_out = rule.holds(i / pixels, i % pixels);
    if (held_out) held_out_changed[i] += 7;
    if (!held_out && valid[i % pixels] != 0 && !changed) {
      fitted_changed[i] += 7;
      changed = true;
    }
  }
  Problem<double> second = problem_of<double>(small, world, held_out_changed);
  Problem<double> third = problem_of<double>(small, world, fitted_changed);
  const Evaluation before = evaluation_of(problem), with_held_out = evaluation_of(second);
  const Evaluation with_fitted = evaluation_of(third);
  BOOST_TEST(with_held_out.f == before.f);
  BOOST_TEST((with_held_out.object == before.object));
  BOOST_TEST((with_held_out.probe == before.probe));
  BOOST_TEST(with_held_out.held_out > 2 * before.held_out);
  BOOST_TEST(with_fitted.held_out == before.held_out);
  BOOST_TEST(with_fitted.f != before.f);
  BOOST_TEST((with_fitted.object != before.object));
}

BOOST_AUTO_TEST_CASE(a_fit_of_noise_ends_and_leaves_its_best_iterate) {
  const Comm world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  Problem<double> problem = make_problem<double>(of_low_dose(), world);
  std::vector<double> per_pixel;
  const SolveReport report = solve<double>(problem, until_it_turns(2), [&](const Iterate& iterate) {
    BOOST_REQUIRE(iterate.loss_per_pixel.has_value());
    per_pixel.push_back(iterate.loss_per_pixel->held_out);
    BOOST_TEST(iterate.so_far->held_out_loss.size() == per_pixel.size());
  });
  const std::vector<double>& held_out = report.held_out_loss;
  BOOST_REQUIRE(held_out.size() == report.loss.size());
  const auto best = std::ranges::min_element(held_out) - held_out.begin();
  BOOST_TEST_MESSAGE("stopped after " << report.iterations << ", best " << best << ": " << report.stop_reason);
  BOOST_TEST(report.iterations < 80);
  BOOST_TEST(report.result_iteration == best);
  BOOST_TEST(report.iterations == std::max<int>(static_cast<int>(best), 2) + SolveSettings{}.patience);
  BOOST_TEST(report.stop_reason.starts_with("the held-out loss has turned"));
  BOOST_TEST(problem.evaluate() == report.loss[best]);
  BOOST_TEST(problem.held_out_loss() == held_out[best]);
  BOOST_TEST(per_pixel[best] == held_out[best] / report.pixels.held_out);
  Problem<double> serial = make_problem<double>(of_low_dose(), alone);
  BOOST_TEST(solve<double>(serial, until_it_turns(2), [](const Iterate&) {}).result_iteration == best);
}

/// The last unknown begins long after the loss has turned: it is waited for, and the best iterate of all is the result.
BOOST_AUTO_TEST_CASE(all_unknowns_begin_before_it_ends) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(of_low_dose(), world);
  const SolveReport report = solve<double>(problem, until_it_turns(40), [](const Iterate&) {});
  BOOST_TEST(report.iterations >= 40 + SolveSettings{}.patience);
  BOOST_TEST(problem.evaluate() == report.loss[static_cast<std::size_t>(report.result_iteration)]);
}

/// Another reason ends it, within a line search even: the result is still the best iterate.
BOOST_AUTO_TEST_CASE(whatever_ends_the_solve_the_best_iterate_is_left) {
  const Comm world(MPI_COMM_WORLD);
  for (int gradients = 20; gradients < 24; ++gradients) {
    Problem<double> problem = make_problem<double>(of_low_dose(), world);
    SolveSettings settings = until_it_turns(79);
    settings.max_gradients = gradients;
    const SolveReport report = solve<double>(problem, settings, [](const Iterate&) {});
    BOOST_TEST(report.stop_reason.starts_with("reached solve.max_gradients"));
    BOOST_TEST(report.result_iteration < report.iterations);
    problem.evaluate();
    BOOST_TEST(problem.held_out_loss() == *std::ranges::min_element(report.held_out_loss));
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_held_out_unless_asked_for) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  SolveSettings settings;
  settings.iterations = 3;
  settings.refine = {{"object", {}}};
  const SolveReport report =
      solve<double>(problem, settings, [](const Iterate& iterate) { BOOST_TEST(!iterate.loss_per_pixel.has_value()); });
  BOOST_TEST(problem.held_out_loss() == 0);
  BOOST_TEST(report.held_out_loss.empty());
  BOOST_TEST(report.result_iteration == 3);
}

}  // namespace tessera::testing
