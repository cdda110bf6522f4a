#pragma once

#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// All that the run file and the data's geometry say of a problem for this rank's positions `mine`; what the patterns
/// say (detector, batch) is still to come. Throws InputError.
ProblemSetup problem_setup(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           const Tiling& tiling, const std::vector<Index>& mine, DeviceKind device);

/// Pixels that a point spread of this width may reach, with room for one twice as wide.
Index psf_radius_px(double psf_px);

}  // namespace tessera
