#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "src/optimisation/objective.hpp"
#include "src/optimisation/solver.hpp"
#include "src/optimisation/solver_history.hpp"

namespace tessera {

/// How one segment ended.
struct SegmentEnd {
  std::string reason;           ///< in words
  bool decided = false;         ///< `decide` ended it: no further segment
  bool diverged = false;        ///< f was not finite and no step helped; the last accepted iterate is the result
  bool no_descent = false;      ///< the last line search found no lower value
  std::optional<double> value;  ///< f, when the problem holds f and gradients of the final point
};

/// One TaoSolve on one objective. Exceptions thrown in callbacks are kept across TAO's C frames and thrown after it.
class TaoRun {
 public:
  /// Thrown by the objective to end the solve within a line search: the last accepted iterate is the result.
  struct Stop {
    std::string reason;
  };
  /// Called once an iterate, whose values the unknowns hold, with (iteration of this segment, f, gradient norm); a text
  /// ends the solve.
  using Decide = std::function<std::optional<std::string>(int, double, double)>;

  /// `first_step` is where the line search begins, in units of -g. Where there is a history (lmvm, blmvm), TAO is first
  /// led through its points but the last, which is where it is now, so that its matrix knows them; new iterates are
  /// added.
  TaoRun(const Comm& comm, Objective& objective, const SolveSettings& settings, double first_step = 1,
         SolverHistory* history = nullptr);

  /// Starts from the unknowns' present values, whose f (and gradient) is `carried` if known; at most `iterations`.
  SegmentEnd solve(int iterations, std::optional<double> carried, const Decide& decide);

 private:
  static PetscErrorCode compute(Tao tao, Vec x, PetscReal* f, Vec gradient, void* context);
  static PetscErrorCode converged(Tao tao, void* context);
  void set_options(const SolveSettings& settings);
  void choose_first_step();
  void begin_replay();
  bool replay(Vec x, Vec gradient);
  bool replayed();
  bool accept();
  bool ended_early(PetscErrorCode code);
  std::string reason_in_words(TaoConvergedReason reason, int iterations) const;

  Objective& objective_;
  const SolveSettings& settings_;
  double first_step_;
  SolverHistory* history_;
  PetscTao tao_;
  PetscVector x_, accepted_, lower_, upper_;
  Vec gradient_ = nullptr;     ///< TAO's own, of the point that it is at
  std::size_t to_replay_ = 0;  ///< points of the history
  std::size_t computed_ = 0;   ///< points asked for, while replaying
  std::size_t passed_ = 0;     ///< iterates, while replaying
  std::string search_;         ///< the line search that follows
  Decide decide_;
  std::optional<std::string> decision_;
  std::exception_ptr failure_;
  double offset_ = 0;          ///< TAO sees f - offset
  int iteration_ = 0;          ///< of this segment
  int limit_ = 0;              ///< of `iteration_`
  bool has_accepted_ = false;  ///< `accepted_` is an iterate, the start at least
  bool stopped_ = false;       ///< by Stop
  bool not_finite_ = false;    ///< f at a point tried since the last accepted one
};

}  // namespace tessera
