#pragma once

#include "src/base/memory_need.hpp"
#include "src/workflow/simulate/simulate_setup.hpp"
#include "src/workflow/simulate/simulate_specimen.hpp"

namespace tessera {

/// What every rank keeps of each position of the scan, before there are any.
MemoryNeed forecast_scan(const SimulateOptions& simulate);

/// What a rank will hold beside: `work` under its windows, `truth` its part of the truth.
MemoryNeed forecast_simulation(const RunOptions& options, const SimulationSetup& setup, const FrameBox& work,
                               const FrameBox& truth, double slices);

/// Bytes of the file that will be written, in a double, as products of what a user gave must not wrap around.
double forecast_file_bytes(const SimulationSetup& setup, const ObjectFrame& truth, double slices, double pixel_bytes);

}  // namespace tessera
