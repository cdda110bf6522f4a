#pragma once

#include "src/base/memory_need.hpp"
#include "src/workflow/preprocess/pattern_chain.hpp"

namespace tessera {

/// Bytes that a pattern counts in a round of preprocess.block_MiB: as it is read, or as it is written.
double round_bytes(const PreprocessOptions& steps, const PreprocessInput& input, const DetectorGeometry& geometry);

/// Patterns of a round, by preprocess.block_MiB.
RoundPlan forecast_rounds(const PreprocessOptions& steps, const PreprocessInput& input,
                          const DetectorGeometry& geometry, int ranks);

/// What a rank will hold; `reader_bytes` of a round's reading.
MemoryNeed forecast_preprocess(const PreprocessOptions& steps, const PreprocessInput& input,
                               const DetectorGeometry& geometry, const RoundPlan& plan, double reader_bytes);

/// Bytes of the file, at most, in a double.
double forecast_file_bytes(const PreprocessOptions& steps, const PreprocessInput& input,
                           const DetectorGeometry& geometry);

}  // namespace tessera
