#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/read_patterns.hpp"
#include "src/model/data_term.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/valid_pixels.hpp"

namespace tessera {

/// How counts of a file are kept: as they are stored, other types as float.
PixelType pixel_type(StoredType type);

/// This rank's patterns in the order of `mine` (positions), turned into FFT order, checked for negative and undefined
/// counts, and summed by detector.bin (collective). With detector.virtual their channels are kept, c = V y as float.
/// `mean_electrons` per pattern over all ranks. `check`: see PatternReader::read.
struct LoadedPatterns {
  Measurement measurement;
  std::vector<double> live;  ///< [pixels_ny, pixels_nx] 1 or 0: the pixels that a sum holds; empty: no sums
  double mean_electrons = 0;
  std::vector<std::string> warnings;  ///< what is unlikely about mask and counts; the same on every rank
  ReadCost read_cost;                 ///< of all ranks
  std::size_t peak_bytes = 0;         ///< what this rank held while it read, its patterns included
  VirtualSets detectors;              ///< over the turned pixels; null: pixels are kept
  std::vector<double> mean_pattern;   ///< [pixel, electron] for loss.kind weighted, where patterns were read
};
LoadedPatterns load_patterns(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const RawPixels& pixels, const std::vector<Index>& mine, DeviceKind device,
                             const ReadCheck& check = {});

/// What this rank will hold of its patterns, known without reading any (collective; throws what a reader of them
/// throws).
struct LoadForecast {
  double pattern_bytes = 0;  ///< kept of each pattern
  double reader_bytes = 0;   ///< held beside them until all are read: blocks and chunks on their way
};
LoadForecast forecast_load(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           const std::vector<Index>& mine);

/// How the window of an experiment is detected; `live` as loaded.
DetectorSetup detector_setup(const Experiment& experiment, const std::vector<double>& live);

/// Why more than half as much again was read as is needed, for the user; nothing when that is not so.
std::optional<std::string> read_warning(const ReadCost& cost, const std::string& dataset);

}  // namespace tessera
