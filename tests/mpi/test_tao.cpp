// ranks: 1 2
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "src/optimisation/tao_run.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

SmallProblem tiny() {
  return {.representation = Representation::phase,
          .window = {.ny = 8, .nx = 10, .dy_A = 0.35, .dx_A = 0.25},
          .slices = 2,
          .rows = 2,
          .columns = 3,
          .electrons = 300};
}

/// Runs `body` and gives what root's PETSc printed to its standard output meanwhile.
std::string what_petsc_prints(const Comm& comm, const std::function<void()>& body) {
  static std::FILE* const file = std::tmpfile();  // never closed: PETSc's viewer keeps it
  const long begin = std::ftell(file);
  std::FILE* const before = std::exchange(PETSC_STDOUT, file);
  body();
  PETSC_STDOUT = before;
  std::string text;
  std::fseek(file, begin, SEEK_SET);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  BOOST_TEST((text.empty() || comm.is_root()));
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_exception_in_the_objective_arrives_as_itself) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(), world);
  int calls = 0;
  Objective objective(world, solver_blocks(problem), [&]() -> double {
    if (++calls == 3) throw std::domain_error("thrown by the objective");
    return problem.evaluate();
  });
  const SolveSettings settings;
  TaoRun run(world, objective, settings);
  BOOST_CHECK_EXCEPTION(run.solve(20, std::nullopt, [](int, double, double) { return std::nullopt; }),
                        std::domain_error,
                        [](const auto& error) { return std::string(error.what()) == "thrown by the objective"; });
}

/// A plain on which every step is taken: TAO's unit line search asks for no decrease.
BOOST_DATA_TEST_CASE(steps_that_leave_the_loss_as_it_was_are_counted,
                     boost::unit_test::data::make({"blmvm", "lmvm", "bqnls", "bncg", "cg"}), method) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(), world);
  int calls = 0;
  Objective objective(world, solver_blocks(problem), [&]() -> double {
    if (++calls > 40) throw std::domain_error("no end of it");
    problem.evaluate();
    return 1000;
  });
  SolveSettings settings;
  settings.method = method;
  settings.petsc = {{"tao_ls_type", "unit"}};
  std::vector<int> iterations;
  TaoRun run(world, objective, settings, 1e-3);
  const auto note = [&](int iteration, double, double) {
    iterations.push_back(iteration);
    return std::nullopt;
  };
  BOOST_CHECK_NO_THROW(run.solve(4, std::nullopt, note));
  PetscOptionsClearValue(nullptr, "-tao_ls_type");
  BOOST_TEST(iterations == (std::vector<int>{0, 1, 2, 3, 4}), boost::test_tools::per_element());
}

/// PETSc's own check, -tao_test_gradient, which prints |g - g_fd| / |g| from central differences at the start.
BOOST_AUTO_TEST_CASE(tao_test_gradient_of_the_scaled_variables) {
  const Comm world(MPI_COMM_WORLD);
  for (const RegulariserKind kind : {RegulariserKind::tv, RegulariserKind::l1, RegulariserKind::kz_wedge}) {
    SmallProblem small = tiny();
    small.regularisers = {{.kind = kind, .weight = 0.3, .epsilon_rad = 0.02}};
    Problem<double> problem = make_problem<double>(small, world);
    problem.set_penalty_unit(30);
    Objective objective(world, solver_blocks(problem), [&] { return problem.evaluate(); });
    SolveSettings settings;
    settings.petsc = {{"tao_test_gradient", "true"}, {"tao_fd_delta", "1e-5"}};
    const std::string printed = what_petsc_prints(world, [&] {
      TaoRun(world, objective, settings).solve(0, std::nullopt, [](int, double, double) { return std::nullopt; });
    });
    for (const char* option : {"-tao_test_gradient", "-tao_fd_delta"}) PetscOptionsClearValue(nullptr, option);
    if (!world.is_root()) continue;
    BOOST_TEST_MESSAGE(printed);
    const std::string before = "||G - Gfd||/||G|| = ";
    const auto at = printed.find(before);
    BOOST_REQUIRE(at != std::string::npos);
    BOOST_TEST(std::stod(printed.substr(at + before.size())) <= 1e-7);
  }
}

}  // namespace tessera::testing
