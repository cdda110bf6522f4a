#pragma once

#include <vector>

#include "src/model/data_term.hpp"
#include "src/workflow/input/experiment.hpp"

namespace tessera {

/// This rank's patterns in the order of `mine` (positions), turned into FFT order, checked for negative and undefined
/// counts (collective). `mean_electrons` per pattern over all ranks.
struct LoadedPatterns {
  Measurement measurement;
  double mean_electrons = 0;
  double read_amplification = 1;
};
LoadedPatterns load_patterns(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const std::vector<Index>& mine, DeviceKind device);

}  // namespace tessera
