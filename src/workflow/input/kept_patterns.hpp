#pragma once

#include <optional>
#include <span>
#include <vector>

#include "src/workflow/input/load_patterns.hpp"

namespace tessera {

/// What is kept of each pattern that is read: itself, or its channels c = V y; and their mean, where the loss needs it.
class KeptPatterns {
 public:
  /// `map` and `valid` as of the turned patterns, `mine` [slot] positions, `pixels` of a pattern that is kept whole.
  /// Throws what turned_detectors throws.
  KeptPatterns(const RunOptions& options, const Experiment& experiment, std::span<const Index> mine,
               std::span<const Index> map, std::span<const double> valid, Index pixels);

  /// Bytes a pattern, where its pixels are of this type.
  Index bytes(PixelType type) const;
  /// What is kept of a turned pattern; valid until the next call.
  std::span<const std::byte> keep(PixelType type, std::span<const std::byte> turned, Index slot);
  /// Adapts what was prepared for patterns (collective); `patterns` of this rank were kept.
  void finish(const Comm& comm, Index patterns, LoadedPatterns& loaded) const;

 private:
  VirtualSets sets_;
  std::vector<Index> set_of_;  ///< [slot]
  Index pixels_;
  std::vector<double> pattern_, sum_;  ///< [pixel]; the sum of all patterns, empty where nobody needs it
  std::vector<float> channels_;
};

/// The same as load_patterns of data that are channels: kept as float. How many electrons a pattern had they do not
/// tell; `mean_electrons` is 0.
LoadedPatterns load_channels(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const std::vector<Index>& mine, DeviceKind device, const ReadCheck& check);

}  // namespace tessera
