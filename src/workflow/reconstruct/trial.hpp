#pragma once

#include <vector>

#include "src/analysis/compare_metrics.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/reconstruct/memory_forecast.hpp"
#include "src/workflow/reconstruct/model_device.hpp"

namespace tessera {

/// What a short reconstruction found.
struct TrialResult {
  double start_loss = 0;  ///< of the empty object
  double loss = 0;        ///< infinite, as the one before, where the probe does not fit its window
  Image phase;            ///< sum over slices within the field of its positions, without its ramp
};

/// What `run_trial` will hold, from sizes alone, with waves kept before every so many slices (ModelShape).
MemoryForecast forecast_trial(const Comm& self, const RunOptions& options, const std::vector<Index>& chosen,
                              const ModelDevice& device, Index kept_every);

/// A reconstruction of some patterns that writes nothing: the object of `options` from vacuum, the probe from its
/// optics, `solve.iterations` iterations. With `solve.held_out` the losses are of all pixels, the mean of those of both
/// kinds in units of all: the fit follows the noise of pixels that it saw, which lowers their loss by half for each
/// number that it could choose, and raises that of the others by as much. `chosen` are places in the positions that the
/// options select; positions outside are not read. By one rank for itself, in single precision: ranks try different
/// options at once, and any number of ranks finds the same. Regularisers are not looked at. Memory: the chosen
/// patterns. A signal ends it between two gradients, as an InputError "stopped by signal".
TrialResult run_trial(const Comm& self, const RunOptions& options, const std::vector<Index>& chosen,
                      const ModelDevice& device);

}  // namespace tessera
