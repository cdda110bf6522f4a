#include "src/optimisation/tao_run.hpp"

#include <cmath>
#include <limits>

namespace tessera {

namespace {

constexpr PetscInt unlimited = std::numeric_limits<PetscInt>::max();

}  // namespace

TaoRun::TaoRun(const Comm& comm, Objective& objective, const SolveSettings& settings, double first_step,
               SolverHistory* history)
    : objective_(objective),
      settings_(settings),
      first_step_(first_step),
      history_(history),
      x_(objective.make_vector()),
      accepted_(objective.make_vector()) {
  check_petsc(TaoCreate(comm.handle(), tao_.address()), "TaoCreate");
  check_petsc(TaoSetType(tao_, settings.method.c_str()), "TaoSetType");
  check_petsc(TaoSetObjectiveAndGradient(tao_, nullptr, compute, this), "TaoSetObjectiveAndGradient");
  check_petsc(TaoSetConvergenceTest(tao_, converged, this), "TaoSetConvergenceTest");
  check_petsc(TaoSetTolerances(tao_, 0, 0, 0), "TaoSetTolerances");
  check_petsc(TaoSetMaximumFunctionEvaluations(tao_, unlimited), "TaoSetMaximumFunctionEvaluations");
  const bool bounded = settings.method == "blmvm" || settings.method == "bqnls" || settings.method == "bncg";
  PetscVector lower = objective.make_vector();
  if (comm.any(objective.push_lower_bounds(lower)) && bounded) {
    lower_ = std::move(lower);
    upper_ = objective.make_vector();
    check_petsc(VecSet(upper_, PETSC_INFINITY), "VecSet");
    check_petsc(TaoSetVariableBounds(tao_, lower_, upper_), "TaoSetVariableBounds");
  }
  set_options(settings);
}

/// The L-BFGS matrix starts from a scalar, as D has scaled the variables: then the last history + 1 pairs of (x, g) are
/// all that it knows.
void TaoRun::set_options(const SolveSettings& settings) {
  const std::string prefix = "-tao_" + settings.method + "_mat_lmvm_";
  if (settings.method == "blmvm" || settings.method == "lmvm" || settings.method == "bqnls") {
    const std::string history = std::to_string(settings.history);
    check_petsc(PetscOptionsSetValue(nullptr, (prefix + "hist_size").c_str(), history.c_str()), "PetscOptionsSetValue");
    check_petsc(PetscOptionsSetValue(nullptr, (prefix + "scale_type").c_str(), "scalar"), "PetscOptionsSetValue");
  }
  for (const auto& [name, value] : settings.petsc)
    check_petsc(PetscOptionsSetValue(nullptr, ("-" + name).c_str(), value.c_str()), "PetscOptionsSetValue");
}

SegmentEnd TaoRun::solve(int iterations, std::optional<double> carried, const Decide& decide) {
  decide_ = decide;
  limit_ = iterations;
  objective_.push_values(x_);
  if (lower_ != nullptr) check_petsc(VecMedian(lower_, x_, upper_, x_), "VecMedian");
  if (carried) objective_.reuse(*carried, x_);
  try {
    choose_first_step();
  } catch (const Stop& stop) {
    return {.reason = stop.reason, .decided = true, .diverged = false, .no_descent = false, .value = std::nullopt};
  }
  check_petsc(TaoSetSolution(tao_, x_), "TaoSetSolution");
  check_petsc(TaoSetMaximumIterations(tao_, unlimited), "TaoSetMaximumIterations");
  check_petsc(TaoSetFromOptions(tao_), "TaoSetFromOptions");
  begin_replay();
  const bool early = ended_early(TaoSolve(tao_));
  TaoConvergedReason reason = TAO_CONTINUE_ITERATING;
  check_petsc(TaoGetConvergedReason(tao_, &reason), "TaoGetConvergedReason");
  // TAO leaves x, which it has locked, as it was when an error ended it.
  const Vec result = early ? accepted_ : x_;
  const bool is_last = objective_.is_last(result);
  objective_.pull_values(result);
  SegmentEnd end{.reason = decision_ ? *decision_ : reason_in_words(reason, iterations),
                 .decided = decision_.has_value(),
                 .diverged = not_finite_ && (early || reason < 0) && !decision_,
                 .no_descent = reason == TAO_DIVERGED_LS_FAILURE && !not_finite_ && !decision_,
                 .value = std::nullopt};
  if (is_last) end.value = objective_.last_value();
  return end;
}

/// TAO's first step is 2 f/|g|^2 long in units of -g, whatever f is. The curvature of the variables is about known: TAO
/// sees f less the constant that makes it begin with `first_step`. Differences of f, all that its line search uses,
/// stay as they are.
void TaoRun::choose_first_step() {
  const Vec gradient = accepted_;  // not needed for anything else yet
  const double f = objective_.evaluate(x_, gradient);
  PetscReal norm = 0;
  check_petsc(VecNorm(gradient, NORM_2, &norm), "VecNorm");
  if (!std::isfinite(f) || !std::isfinite(norm))
    throw Error(ExitCode::diverged,
                "the loss is not a finite number at the start; check beam.initial, object.initial and "
                "data.counts_per_electron",
                true);
  offset_ = f - first_step_ / 2 * norm * norm;
  objective_.reuse(f, x_);
}

/// A line search that takes any full step leads TAO from point to point: `compute` puts the stored one in the place of
/// the one that was tried. Their f is not looked at.
void TaoRun::begin_replay() {
  if (history_ == nullptr || history_->size() < 2) return;
  to_replay_ = history_->size() - 1;
  TaoLineSearch search = nullptr;
  TaoLineSearchType type = nullptr;
  check_petsc(TaoSetUp(tao_), "TaoSetUp");
  check_petsc(TaoGetLineSearch(tao_, &search), "TaoGetLineSearch");
  check_petsc(TaoLineSearchGetType(search, &type), "TaoLineSearchGetType");
  search_ = type;
  check_petsc(TaoLineSearchSetType(search, TAOLINESEARCHUNIT), "TaoLineSearchSetType");
}

/// Puts the next stored point in the place of x and its gradient; after the last, where the unknowns are now, whose
/// gradient is still to be computed. Whether it did so.
bool TaoRun::replay(Vec x, Vec gradient) {
  if (computed_ > to_replay_ || to_replay_ == 0) return false;
  check_petsc(VecLockReadPop(x), "VecLockReadPop");
  const bool stored = computed_ < to_replay_;
  if (stored)
    history_->restore(computed_, objective_, x, gradient);
  else
    objective_.push_values(x);
  check_petsc(VecLockReadPush(x), "VecLockReadPush");
  ++computed_;
  return stored;
}

/// Whether an iterate is a stored one; at the first that is not, the line search that was meant takes over.
bool TaoRun::replayed() {
  if (to_replay_ == 0 || passed_ > to_replay_) return false;
  if (passed_++ < to_replay_) return true;
  TaoLineSearch search = nullptr;
  check_petsc(TaoGetLineSearch(tao_, &search), "TaoGetLineSearch");
  check_petsc(TaoLineSearchSetType(search, search_.c_str()), "TaoLineSearchSetType");
  check_petsc(TaoLineSearchSetFromOptions(search), "TaoLineSearchSetFromOptions");
  return false;
}

/// Whether TaoSolve left by an error of ours or by a loss that is not finite, so that x is some point tried.
bool TaoRun::ended_early(PetscErrorCode code) {
  if (failure_) std::rethrow_exception(failure_);
  if (stopped_) return true;
  if (code == petsc_success) return false;
  if (not_finite_) return true;
  if (settings_.petsc.empty()) check_petsc(code, "TaoSolve");
  // Some values are judged only once a step is tried.
  const std::string words = words_of(code).of_code;
  throw InputError(ExitCode::run_file,
                   fmt::format("petsc: PETSc cannot solve with the options that are given there: {}",
                               words.empty() ? "no message" : words),
                   true);
}

std::string TaoRun::reason_in_words(TaoConvergedReason reason, int iterations) const {
  if (not_finite_ && reason <= 0) return "the loss was no longer a finite number";
  switch (reason) {
    case TAO_DIVERGED_MAXITS:
      return fmt::format("reached solve.iterations = {}", settings_.iterations);
    case TAO_DIVERGED_LS_FAILURE:
      return "converged: no lower value was found along the search direction";
    case TAO_CONVERGED_GATOL:
    case TAO_CONVERGED_GRTOL:
    case TAO_CONVERGED_GTTOL:
      return "converged: the gradient vanished";
    default:
      return fmt::format("TAO ended with reason {} within {} iterations", static_cast<int>(reason), iterations);
  }
}

/// Whether x is a new iterate: one that has moved. The loss may stay as it was, a failed line search asks again at the
/// old one, and bncg tests its first iterate under the number of its start.
bool TaoRun::accept() {
  PetscBool still_there = PETSC_TRUE;
  if (has_accepted_) check_petsc(VecEqual(x_, accepted_, &still_there), "VecEqual");
  const bool moved = still_there == PETSC_FALSE;
  if (history_ != nullptr && (moved || history_->empty())) history_->add(objective_, x_, gradient_);
  check_petsc(VecCopy(x_, accepted_), "VecCopy");
  has_accepted_ = true;
  return moved;
}

PetscErrorCode TaoRun::compute(Tao, Vec x, PetscReal* f, Vec gradient, void* context) {
  TaoRun& self = *static_cast<TaoRun*>(context);
  try {
    self.gradient_ = gradient;
    *f = 0;
    if (self.replay(x, gradient)) return petsc_success;
    *f = self.objective_.evaluate(x, gradient) - self.offset_;
    if (!std::isfinite(*f)) self.not_finite_ = true;
  } catch (const Stop& stop) {
    self.decision_ = stop.reason;
    self.stopped_ = true;
    return PETSC_ERR_USER;
  } catch (...) {
    self.failure_ = std::current_exception();
    return PETSC_ERR_USER;
  }
  return petsc_success;
}

PetscErrorCode TaoRun::converged(Tao tao, void* context) {
  TaoRun& self = *static_cast<TaoRun*>(context);
  try {
    if (self.replayed()) return petsc_success;
    PetscReal f = 0, norm = 0;
    check_petsc(TaoGetSolutionStatus(tao, nullptr, &f, &norm, nullptr, nullptr, nullptr), "TaoGetSolutionStatus");
    if (self.accept()) ++self.iteration_;
    // A line search may end at a point that was not its last.
    if (!self.objective_.is_last(self.x_)) self.objective_.pull_values(self.x_);
    self.not_finite_ = false;
    self.decision_ = self.decide_(self.iteration_, f + self.offset_, norm);
    if (self.decision_)
      check_petsc(TaoSetConvergedReason(tao, TAO_CONVERGED_USER), "TaoSetConvergedReason");
    else if (norm == 0)
      check_petsc(TaoSetConvergedReason(tao, TAO_CONVERGED_GATOL), "TaoSetConvergedReason");
    else if (self.iteration_ >= self.limit_)
      check_petsc(TaoSetConvergedReason(tao, TAO_DIVERGED_MAXITS), "TaoSetConvergedReason");
  } catch (...) {
    self.failure_ = std::current_exception();
    return PETSC_ERR_USER;
  }
  return petsc_success;
}

}  // namespace tessera
