#pragma once

#include "src/base/memory_need.hpp"
#include "src/geometry/tiling.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// Where a model lies, and how much of it.
struct ModelPlace {
  bool model_on_gpu = false;
  bool patterns_on_gpu = false;
  Index kept_every = 1;  ///< of ModelShape
};

/// What a rank will hold on the host, and on its GPU where it has one.
struct MemoryForecast {
  MemoryNeed host, gpu;
};

/// From sizes alone, before anything is allocated: `positions` of its own, their patterns as loaded, and `vectors` of
/// the solver (solver_vectors). Within 15 % of Problem::bytes and what the solver adds, or of what the reader holds
/// with the patterns that it has read: the one is gone before the other begins. On a GPU with one position in each
/// batch, the least that runs. Each part names what made it large. Cost: O(all positions + ranks).
MemoryForecast forecast_memory(const RunOptions& options, const Experiment& experiment, const Tiling& tiling, int rank,
                               double positions, const LoadForecast& load, double vectors, const ModelPlace& place);

}  // namespace tessera
