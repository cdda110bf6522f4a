// ranks: 1 2
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "src/optimisation/petsc_options.hpp"
#include "src/optimisation/solver.hpp"
#include "src/optimisation/tao_run.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

const auto ignore = [](const Iterate&) {};
const auto go_on = [](int, double, double) { return std::nullopt; };

SolveSettings in_two_segments(int iterations) {
  SolveSettings settings;
  settings.iterations = iterations;
  settings.refine = {{"object", {}}, {"probe", {1}}};
  return settings;
}

}  // namespace

BOOST_DATA_TEST_CASE(every_method_counts_its_iterates, data::make({"blmvm", "lmvm", "bqnls", "bncg", "cg"}), method) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  SolveSettings settings = in_two_segments(8);
  settings.method = method;
  std::vector<int> iterations;
  const SolveReport report =
      solve<double>(problem, settings, [&](const Iterate& iterate) { iterations.push_back(iterate.iteration); });
  BOOST_TEST(report.iterations == 8);
  BOOST_TEST(iterations == (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8}), boost::test_tools::per_element());
  BOOST_TEST(report.stop_reason == "reached solve.iterations = 8");
  BOOST_TEST(report.loss.back() < 0.7 * report.loss.front());
  BOOST_TEST(problem.evaluate() == report.loss.back());
}

/// The step into each segment is short enough: no line search begins with a point that is far too high.
BOOST_AUTO_TEST_CASE(few_gradients_are_lost_in_line_searches) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  const SolveReport report = solve<double>(problem, in_two_segments(10), ignore);
  BOOST_TEST(report.gradients <= report.iterations + 4);
}

BOOST_AUTO_TEST_CASE(a_small_decrease_ends_the_solve_but_a_new_segment_does_not) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  SolveSettings settings = in_two_segments(60);
  settings.relative_decrease = 0.005;
  const SolveReport report = solve<double>(problem, settings, ignore);
  BOOST_TEST(report.stop_reason.find("solve.relative_decrease") != std::string::npos);
  BOOST_REQUIRE(report.iterations > 2);
  BOOST_TEST(report.iterations < 60);
  for (std::size_t i = 1; i < report.loss.size(); ++i) {
    const bool small = report.loss[i - 1] - report.loss[i] < 0.005 * report.loss[i - 1];
    BOOST_TEST(small == (i + 1 == report.loss.size()));
  }
}

BOOST_AUTO_TEST_CASE(the_expected_loss_is_compared_with_that_of_the_data) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({.regularisers = {{.weight = 1}}}, world);
  problem.set_penalty_unit(30);
  SolveSettings settings = in_two_segments(60);
  settings.expected_loss = 1.5;
  const SolveReport report = solve<double>(problem, settings, ignore);
  BOOST_TEST(report.stop_reason.find("expected at this dose") != std::string::npos);
  BOOST_TEST(problem.data_loss() <= 1.5 * problem.expected_loss());
  BOOST_TEST(report.loss.back() > 1.5 * problem.expected_loss());  // with the regulariser
}

BOOST_AUTO_TEST_CASE(a_petsc_option_of_no_use_is_an_error_before_the_solve) {
  const Comm world(MPI_COMM_WORLD);
  const auto refusal = [&](const std::string& name, const std::string& value, const char* method = "blmvm") {
    std::string said = "accepted";
    PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
    try {
      check_petsc_options(world, {.method = method, .refine = {}, .petsc = {{"tao_ls_ftol", "1e-3"}, {name, value}}});
    } catch (const InputError& error) {
      BOOST_TEST((error.code() == ExitCode::run_file && error.agreed()));
      said = error.what();
    }
    PetscPopErrorHandler();
    for (const std::string& option : {std::string("tao_ls_ftol"), name})
      PetscOptionsClearValue(nullptr, ("-" + option).c_str());
    return said;
  };
  const auto begins = [](const std::string& text, const std::string& with) {
    return text.substr(0, with.size()) == with;
  };
  BOOST_TEST(refusal("tao_ls_gtol", "0.9") == "accepted");
  BOOST_TEST(refusal("tao_monitor", "") == "accepted");
  BOOST_TEST(refusal("tao_test_gradient", "true") == "accepted");  // read by TaoSolve
  BOOST_TEST(begins(refusal("tao_ls_fotl", "1e-3"), "petsc.tao_ls_fotl is 1e-3; PETSc's blmvm does not read it"));
  BOOST_TEST(begins(refusal("tao_ls_gtol", "abc"), "petsc.tao_ls_gtol is abc; PETSc refuses it: "));
  BOOST_TEST(begins(refusal("tao_ls_type", "bogus"), "petsc.tao_ls_type is bogus; PETSc refuses it: "));
  BOOST_TEST(begins(refusal("tao_type", "nls"), "petsc.tao_type is nls; tessera sets that itself: use solve.method"));
  BOOST_TEST(begins(refusal("tao_max_it", "7"), "petsc.tao_max_it is 7; tessera sets that itself: use solve.iter"));
  BOOST_TEST(
      begins(refusal("tao_lmvm_mat_lmvm_hist_size", "7", "lmvm"), "petsc.tao_lmvm_mat_lmvm_hist_size is 7; tess"));
  BOOST_TEST(begins(refusal("-tao_view", ""), "petsc.-tao_view is ; a name of PETSc"));
}

BOOST_AUTO_TEST_CASE(a_start_without_a_finite_loss_is_an_error) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  std::vector<double> values = problem.object().values();
  if (world.is_root()) values[values.size() / 4] = std::numeric_limits<double>::quiet_NaN();
  problem.object().set_values(values);
  BOOST_CHECK_EXCEPTION(solve<double>(problem, in_two_segments(3), ignore), Error,
                        [](const Error& error) { return error.code() == ExitCode::diverged && error.agreed(); });
}

/// A trial that overflows is forgotten once the line search has found a better one.
BOOST_AUTO_TEST_CASE(one_trial_without_a_finite_loss_is_no_divergence) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  int calls = 0;
  Objective objective(world, solver_blocks(problem), [&] {
    const double f = problem.evaluate();
    return ++calls == 3 ? std::numeric_limits<double>::infinity() : f;
  });
  const SolveSettings settings;
  TaoRun run(world, objective, settings);
  const SegmentEnd end = run.solve(5, std::nullopt, go_on);
  BOOST_TEST(calls > 3);
  BOOST_TEST(!end.diverged, end.reason);
  BOOST_TEST(end.reason.find("finite") == std::string::npos, end.reason);
}

/// The failure travels in the one reduction: nobody waits for the rank that failed.
/// Also within a line search: each gradient may take minutes.
BOOST_AUTO_TEST_CASE(a_signal_ends_the_solve_after_the_gradient_that_sees_it) {
  const Comm world(MPI_COMM_WORLD);
  int within_line_searches = 0;
  for (int seen_by = 1; seen_by <= 40; ++seen_by) {
    Problem<double> problem = make_problem<double>({}, world);
    SolveSettings settings = in_two_segments(100);
    settings.method = "cg";
    int gradients = 0, accepted_by = 0;
    problem.set_interrupt_check([&] { return ++gradients >= seen_by && world.rank() == world.size() - 1; });
    const SolveReport report =
        solve<double>(problem, settings, [&](const Iterate& iterate) { accepted_by = iterate.gradients; });
    BOOST_TEST(report.interrupted);
    BOOST_TEST(report.gradients == seen_by);
    BOOST_TEST(report.loss.size() == static_cast<std::size_t>(report.iterations) + 1);
    BOOST_TEST(report.stop_reason == "stopped by a signal");
    BOOST_TEST(problem.evaluate() == report.loss.back());
    if (accepted_by < seen_by) ++within_line_searches;
  }
  BOOST_TEST(within_line_searches > 0);
}

BOOST_AUTO_TEST_CASE(what_one_rank_throws_in_a_sweep_all_throw) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>({}, world);
  problem.set_interrupt_check([&]() -> bool {
    if (world.rank() == world.size() - 1) throw InputError(ExitCode::data_wrong, "a bad pattern");
    return false;
  });
  BOOST_CHECK_EXCEPTION(problem.evaluate(), Error,
                        [](const Error& error) { return error.code() == ExitCode::data_wrong && error.agreed(); });
  problem.set_interrupt_check([] { return false; });
  BOOST_TEST(std::isfinite(problem.evaluate()));
}

}  // namespace tessera::testing
