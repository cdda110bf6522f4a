#pragma once

#include "src/base/memory_need.hpp"
#include "src/geometry/tiling.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// What of a model lies on a GPU.
struct OnGpu {
  bool model = false;
  bool patterns = false;
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
                               double positions, const LoadForecast& load, double vectors, const OnGpu& on_gpu);

}  // namespace tessera
