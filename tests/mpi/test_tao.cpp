// ranks: 1 2
#include <petscksp.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

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

/// f at x with global entry `index` moved by `step`.
double value_beside(Objective& objective, Vec x, Vec scratch, PetscInt index, double step) {
  const PetscVector moved = copy_of(objective, x);
  PetscInt first = 0, last = 0;
  VecGetOwnershipRange(moved, &first, &last);
  if (index >= first && index < last) VecSetValue(moved, index, step, ADD_VALUES);
  VecAssemblyBegin(moved);
  VecAssemblyEnd(moved);
  return objective.evaluate(moved, scratch);
}

/// The pairs (x, g) that a run passed through, and what it needs to be written in C.
struct Trace {
  Objective* objective = nullptr;
  std::vector<std::pair<PetscVector, PetscVector>> pairs;
};

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

/// What -tao_test_gradient does: |g - g_fd| / |g| by central differences of 1e-5 in the scaled variables.
BOOST_AUTO_TEST_CASE(gradient_of_the_scaled_variables) {
  const Comm world(MPI_COMM_WORLD);
  Problem<double> problem = make_problem<double>(tiny(), world);
  Objective objective(world, unknown_table(problem), [&] { return problem.evaluate(); });
  const PetscVector x = objective.make_vector(), g = objective.make_vector(), scratch = objective.make_vector();
  objective.push_values(x);
  objective.evaluate(x, g);
  PetscInt size = 0, first = 0, last = 0;
  VecGetSize(x, &size);
  VecGetOwnershipRange(x, &first, &last);
  constexpr double delta = 1e-5;
  double difference = 0, norm = 0;
  for (PetscInt i = 0; i < size; ++i) {
    const double central =
        (value_beside(objective, x, scratch, i, delta) - value_beside(objective, x, scratch, i, -delta)) / (2 * delta);
    double here = 0;
    if (i >= first && i < last) VecGetValues(g, 1, &i, &here);
    const double exact = world.sum(here);
    difference += (central - exact) * (central - exact);
    norm += exact * exact;
  }
  BOOST_TEST_MESSAGE("gradient test: " << std::sqrt(difference / norm));
  BOOST_TEST(std::sqrt(difference / norm) <= 1e-7);
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
