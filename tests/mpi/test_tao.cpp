// ranks: 1 2
#include <petscksp.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "src/optimisation/tao_run.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

using PetscMatrix = PetscHandle<Mat, MatDestroy>;

constexpr int history = 5;

SmallProblem tiny() {
  return {.representation = Representation::phase,
          .window = {.ny = 8, .nx = 10, .dy_A = 0.35, .dx_A = 0.25},
          .slices = 2,
          .rows = 2,
          .columns = 3,
          .electrons = 300};
}

PetscVector copy_of(const Objective& objective, Vec from) {
  PetscVector copy = objective.make_vector();
  check_petsc(VecCopy(from, copy), "VecCopy");
  return copy;
}

/// The pairs (x, g) that a run passed through, and what it needs to be written in C.
struct Trace {
  Objective* objective = nullptr;
  std::vector<std::pair<PetscVector, PetscVector>> pairs;
};

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

PetscErrorCode compute(Tao, Vec x, PetscReal* f, Vec gradient, void* context) {
  *f = static_cast<Trace*>(context)->objective->evaluate(x, gradient);
  return 0;
}

PetscErrorCode keep_pair(Tao tao, void* context) {
  Trace& trace = *static_cast<Trace*>(context);
  Vec x = nullptr, g = nullptr;
  TaoGetSolution(tao, &x);
  TaoGetGradient(tao, &g, nullptr, nullptr);
  trace.pairs.emplace_back(copy_of(*trace.objective, x), copy_of(*trace.objective, g));
  return 0;
}

/// The L-BFGS matrix that has seen the pairs first .. last - 1.
PetscMatrix learnt(const Comm& comm, const Trace& trace, std::size_t first, std::size_t last) {
  const Vec x = trace.pairs[first].first;
  PetscMatrix matrix;
  check_petsc(MatCreate(comm.handle(), matrix.address()), "MatCreate");
  PetscInt local = 0, size = 0;
  VecGetLocalSize(x, &local);
  VecGetSize(x, &size);
  MatSetSizes(matrix, local, local, size, size);
  MatSetType(matrix, MATLMVMBFGS);
  MatSetOptionsPrefix(matrix, "replay_");
  MatSetFromOptions(matrix);
  check_petsc(MatLMVMAllocate(matrix, x, x), "MatLMVMAllocate");
  for (std::size_t k = first; k < last; ++k)
    check_petsc(MatLMVMUpdate(matrix, trace.pairs[k].first, trace.pairs[k].second), "MatLMVMUpdate");
  return matrix;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_exception_in_the_objective_arrives_as_itself) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(), world);
  int calls = 0;
  Objective objective(world, unknown_table(problem), [&]() -> double {
    if (++calls == 3) throw std::domain_error("thrown by the objective");
    return problem.evaluate();
  });
  const SolveSettings settings;
  TaoRun run(world, objective, settings);
  BOOST_CHECK_EXCEPTION(run.solve(20, std::nullopt, [](int, double, double) { return std::nullopt; }),
                        std::domain_error,
                        [](const auto& error) { return std::string(error.what()) == "thrown by the objective"; });
}

/// PETSc's own check, -tao_test_gradient, which prints |g - g_fd| / |g| from central differences at the start.
BOOST_AUTO_TEST_CASE(tao_test_gradient_of_the_scaled_variables) {
  const Comm world(MPI_COMM_WORLD);
  for (const RegulariserKind kind : {RegulariserKind::tv, RegulariserKind::l1}) {
    SmallProblem small = tiny();
    small.regularisers = {{.kind = kind, .weight = 0.3, .epsilon_rad = 0.02}};
    Problem<double> problem = make_problem<double>(small, world);
    problem.set_penalty_unit(30);
    Objective objective(world, unknown_table(problem), [&] { return problem.evaluate(); });
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

/// An L-BFGS matrix made anew from the last history + 1 pairs of a blmvm run gives, bit for bit, the direction of one
/// that has seen them all: these pairs are all that a checkpoint has to keep of it.
BOOST_AUTO_TEST_CASE(replayed_pairs_give_the_same_direction) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(), world);
  Objective objective(world, unknown_table(problem), [&] { return problem.evaluate(); });
  Trace trace{.objective = &objective, .pairs = {}};
  for (const auto& [name, value] :
       {std::pair{"-tao_blmvm_mat_lmvm_hist_size", "5"}, std::pair{"-tao_blmvm_mat_lmvm_scale_type", "scalar"},
        std::pair{"-replay_mat_lmvm_hist_size", "5"}, std::pair{"-replay_mat_lmvm_scale_type", "scalar"}})
    check_petsc(PetscOptionsSetValue(nullptr, name, value), "PetscOptionsSetValue");
  const PetscVector x = objective.make_vector(), d = objective.make_vector(), d_replay = objective.make_vector();
  objective.push_values(x);
  PetscTao tao;
  check_petsc(TaoCreate(world.handle(), tao.address()), "TaoCreate");
  TaoSetType(tao, TAOBLMVM);
  TaoSetObjectiveAndGradient(tao, nullptr, compute, &trace);
  TaoSetMonitor(tao, keep_pair, &trace, nullptr);
  TaoSetTolerances(tao, 0, 0, 0);
  TaoSetMaximumIterations(tao, 15);
  TaoSetSolution(tao, x);
  TaoSetFromOptions(tao);
  check_petsc(TaoSolve(tao), "TaoSolve");

  const std::size_t known = trace.pairs.size() - 1;
  BOOST_REQUIRE(known > history + 1);
  const PetscMatrix uninterrupted = learnt(world, trace, 0, known);
  const PetscMatrix replay = learnt(world, trace, known - history - 1, known);
  const Vec gradient = trace.pairs[known - 1].second;
  check_petsc(MatSolve(uninterrupted, gradient, d), "MatSolve");
  check_petsc(MatSolve(replay, gradient, d_replay), "MatSolve");
  PetscReal norm = 0, gap = 0;
  VecNorm(d, NORM_2, &norm);
  VecAXPY(d_replay, -1, d);
  VecNorm(d_replay, NORM_2, &gap);
  BOOST_TEST_MESSAGE("replayed direction differs by " << gap << " of " << norm);
  BOOST_TEST(norm > 0);
  BOOST_TEST(gap == 0);
}

}  // namespace tessera::testing
