#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/optimisation/problem.hpp"
#include "src/optimisation/solver_blocks.hpp"

namespace tessera {

/// Iterations from .. until - 1.
struct RefineRange {
  int from = 0;
  int until = std::numeric_limits<int>::max();
  bool holds(int iteration) const { return from <= iteration && iteration < until; }
};

/// What ends a solve beside its limits: nothing, or the loss of the pixels held out having turned.
enum class StopRule { none, held_out };

/// How to minimise.
struct SolveSettings {
  std::string method = "blmvm";  ///< a TAO type: blmvm, lmvm, bqnls, bncg, cg
  int iterations = 60;
  int max_gradients = 0;                      ///< 0: no limit
  int history = 5;                            ///< pairs that an L-BFGS keeps
  double relative_decrease = 0;               ///< stop when an iteration lowers f by less than this share; 0: off
  double expected_loss = 0;                   ///< stop at this multiple of the loss expected at this dose; 0: off
  StopRule stop = StopRule::none;             ///< held_out: the result is the iterate with the smallest held-out loss
  int patience = 8;                           ///< iterates without a new smallest held-out loss (perf/README.md)
  int refresh = 0;                            ///< iterations after which scales are made anew; 0: never
  std::map<std::string, RefineRange> refine;  ///< when each unknown is one; those not named stay fixed
  std::vector<std::pair<std::string, std::string>> petsc;  ///< options for PETSc, without the leading dash
};

/// An unknown as it was solved for.
struct SolvedUnknown {
  std::string name;
  std::string unit;
  Extent extent = Extent::voxel;
  Index reals = 0;  ///< over all ranks
  RefineRange range;
};

struct SolveReport {
  std::vector<SolvedUnknown> unknowns;
  std::vector<double> loss;              ///< [iteration], the start first
  std::vector<double> fitted_loss;       ///< [iteration] of the fitted data alone; empty when no pixel is held out
  std::vector<double> held_out_loss;     ///< [iteration] of the pixels held out
  FittedAndHeldOut pixels;               ///< how many they are; zeros when none is held out
  int result_iteration = 0;              ///< the iterate that the problem is left with
  std::vector<double> gradient_seconds;  ///< [gradient]
  int iterations = 0;
  int gradients = 0;
  std::string stop_reason;  ///< in words
  bool interrupted = false;
  bool diverged = false;
  bool stuck = false;  ///< no step from the start lowered the loss
  double seconds = 0;
};

/// One accepted iterate.
struct Iterate {
  int iteration = 0;
  int gradients = 0;  ///< full sweeps over the data so far
  double loss = 0;
  double gradient_norm = 0;                             ///< of the scaled variables
  double seconds = 0;                                   ///< since the start
  std::optional<FittedAndHeldOut> loss_per_pixel = {};  ///< of the data, when pixels are held out
  const SolveReport* so_far = nullptr;                  ///< with this iterate; valid during the call
};

/// Vectors of this rank's unknowns, in doubles, that a solve holds at once, TAO's and ours: counted with PETSc 3.18
/// (perf/README.md).
double solver_vectors(const SolveSettings& settings, bool bounded);

/// Minimises in segments: each has a fixed set of unknowns and their scale. The last value and gradient are carried
/// over, and so are lmvm's and blmvm's pairs where the unknowns stay the same; windows follow their positions
/// (collective). Leaves the last iterate
/// in the problem or, with StopRule::held_out, the one with the smallest held-out loss, whatever ended the solve.
template <class Real>
SolveReport solve(Problem<Real>& problem, const SolveSettings& settings,
                  const std::function<void(const Iterate&)>& on_iteration);

}  // namespace tessera
