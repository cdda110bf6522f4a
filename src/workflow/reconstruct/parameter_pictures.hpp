#pragma once

#include <string>

#include "src/analysis/compare_metrics.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"

namespace tessera {

/// Pictures of what was refined, as its row tells (collective): NAME.png with arrows over the phase for what moves the
/// windows, as a map for what has a value for each detector pixel. `phase` is what phase.png shows (root).
template <class Real>
void write_parameter_pictures(const Problem<Real>& problem, const Experiment& experiment, const Image& phase,
                              const std::string& directory);

}  // namespace tessera
