#pragma once

#include "src/optimisation/solver.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// How to minimise, from the keys solve, refine and petsc.
SolveSettings solve_settings(const RunOptions& options);

/// Vectors that the solver will hold at once (solver_vectors).
double held_vectors(const RunOptions& options, const SolveSettings& settings);

}  // namespace tessera
