#pragma once

#include "src/optimisation/problem.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// Checks the gradients of every unknown away from the start and prints a line for each (collective). Returns the exit
/// code: 70 when a check fails, as that is a fault of the program. `regularised`: weights have to be given their unit.
template <class Real>
int report_gradients(Problem<Real>& problem, bool regularised, Progress& progress);

}  // namespace tessera
