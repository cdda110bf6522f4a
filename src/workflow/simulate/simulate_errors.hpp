#pragma once

#include <vector>

#include "src/geometry/scan.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// What goes wrong in a simulated experiment, position by position: each number depends on (simulate.seed, position)
/// alone. Empty members: nothing does.
struct SimulatedErrors {
  std::vector<PointYX> moved_A;    ///< true less stored position
  std::vector<double> log_dose;    ///< logarithm of the electrons over the nominal ones
  std::vector<PointYX> descan_px;  ///< shift of the pattern [detector pixels]
};

/// Normal numbers with the standard deviations of `simulate`.
SimulatedErrors simulated_errors(const SimulateOptions& simulate);

}  // namespace tessera
