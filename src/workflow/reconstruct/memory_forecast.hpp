#pragma once

#include "src/base/memory_need.hpp"
#include "src/geometry/tiling.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// What a rank will hold in a reconstruction, from sizes alone, before anything is allocated: `positions` of its own,
/// each pattern stored in `pattern_bytes`, and `vectors` of the solver (solver_vectors). Within 15 % of Problem::bytes
/// and what the solver adds. Each part names what made it large. Cost: O(all positions + ranks).
MemoryNeed forecast_memory(const RunOptions& options, const Experiment& experiment, const Tiling& tiling, int rank,
                           double positions, double pattern_bytes, double vectors);

}  // namespace tessera
