// ranks: 1 2
// Can TAO's L-BFGS be stopped and go on, bit for bit, from the last history + 1 points (x, f, g)? A checkpoint would
// have to hold no more than these. With a PETSc that does not repeat its bits: to rounding.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/optimisation/objective.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

constexpr int history = 5, stopped_after = 9, iterations = 15;

struct Point {
  PetscVector x, g;
  double f = 0;
};

/// A TaoSolve that keeps its iterates. With points of an earlier one, it goes through these first: its line search
/// takes any full step, and the objective puts the next stored point in its place, so that TAO's matrix sees the same
/// pairs.
class Solve {
 public:
  Solve(const Comm& comm, Objective& objective, const char* method, std::span<const Point> stored)
      : objective_(objective), stored_(stored), gradient_(objective.make_vector()), x_(objective.make_vector()) {
    check_petsc(TaoCreate(comm.handle(), tao_.address()), "TaoCreate");
    TaoSetType(tao_, method);
    TaoSetObjectiveAndGradient(tao_, nullptr, compute, this);
    TaoSetConvergenceTest(tao_, keep_iterate, this);
    TaoSetTolerances(tao_, 0, 0, 0);
    const PetscVector lower = objective.make_vector(), upper = objective.make_vector();
    if (comm.any(objective.push_lower_bounds(lower))) {
      VecSet(upper, PETSC_INFINITY);
      TaoSetVariableBounds(tao_, lower, upper);
    }
    const std::string prefix = std::string("-tao_") + method + "_mat_lmvm_";
    PetscOptionsSetValue(nullptr, (prefix + "hist_size").c_str(), std::to_string(history).c_str());
    PetscOptionsSetValue(nullptr, (prefix + "scale_type").c_str(), "scalar");
    TaoSetFromOptions(tao_);
    if (stored.empty())
      objective.push_values(x_);
    else
      VecCopy(stored.front().x, x_);
    if (!stored.empty()) set_line_search(TAOLINESEARCHUNIT);
    TaoSetSolution(tao_, x_);
    check_petsc(TaoSolve(tao_), "TaoSolve");
  }

  const std::vector<Point>& points() const { return points_; }

 private:
  void set_line_search(const char* type) {
    TaoLineSearch search = nullptr;
    TaoGetLineSearch(tao_, &search);
    TaoLineSearchSetType(search, type);
  }

  static PetscErrorCode compute(Tao, Vec x, PetscReal* f, Vec gradient, void* context) {
    Solve& self = *static_cast<Solve*>(context);
    if (self.next_ < self.stored_.size()) {
      const Point& point = self.stored_[self.next_++];
      VecLockReadPop(x);
      VecCopy(point.x, x);
      VecLockReadPush(x);
      VecCopy(point.g, gradient);
      *f = point.f;
    } else {
      *f = self.objective_.evaluate(x, gradient);
    }
    VecCopy(gradient, self.gradient_);
    return 0;
  }

  static PetscErrorCode keep_iterate(Tao tao, void* context) {
    Solve& self = *static_cast<Solve*>(context);
    Point point{self.objective_.make_vector(), self.objective_.make_vector(), 0};
    VecCopy(self.x_, point.x);
    VecCopy(self.gradient_, point.g);
    TaoGetSolutionStatus(tao, nullptr, &point.f, nullptr, nullptr, nullptr, nullptr);
    self.points_.push_back(std::move(point));
    if (!self.stored_.empty() && self.points_.size() == self.stored_.size()) self.set_line_search(TAOLINESEARCHMT);
    const int first = self.stored_.empty() ? 0 : stopped_after - history;
    if (first + static_cast<int>(self.points_.size()) > iterations) TaoSetConvergedReason(tao, TAO_CONVERGED_USER);
    return 0;
  }

  Objective& objective_;
  std::span<const Point> stored_;
  std::size_t next_ = 0;
  PetscVector gradient_, x_;
  std::vector<Point> points_;
  PetscTao tao_;
};

}  // namespace

BOOST_DATA_TEST_CASE(a_stopped_solve_goes_on_from_its_last_points, data::make({"blmvm", "lmvm"}) * data::make({0, 1}),
                     method, representation) {
  const Comm world(MPI_COMM_WORLD);
  SmallProblem small;
  if (representation == 1) small.representation = Representation::phase;
  Problem<double> problem = make_problem<double>(small, world);
  Objective objective(world, solver_blocks(problem), [&] { return problem.evaluate(); });
  const Solve whole(world, objective, method, {});
  BOOST_REQUIRE(whole.points().size() == iterations + 1);
  const auto stored = std::span(whole.points()).subspan(stopped_after - history, history + 1);
  const Solve resumed(world, objective, method, stored);
  BOOST_REQUIRE(resumed.points().size() == iterations - stopped_after + history + 1);
  const double tolerance = petsc_repeats_bits ? 0 : 1e-12;
  for (int i = stopped_after + 1; i <= iterations; ++i) {
    const Point &expected = whole.points()[i], &got = resumed.points()[i - stopped_after + history];
    PetscReal length = 0, difference = 0;
    VecNorm(expected.x, NORM_2, &length);
    VecAXPY(got.x, -1, expected.x);
    VecNorm(got.x, NORM_2, &difference);
    BOOST_TEST(difference <= tolerance * length, method << ": iterate " << i << " differs by " << difference / length);
    BOOST_TEST(std::abs(expected.f - got.f) <= tolerance * expected.f);
  }
}

}  // namespace tessera::testing
