#pragma once

#include <vector>

#include "src/workflow/preprocess/correction.hpp"

namespace tessera {

/// Counts of values in bins [low + i width, low + (i + 1) width); what lies outside is in the first and last.
struct Histogram {
  double low = 0, width = 1;
  std::vector<double> counts;
  double centre(std::size_t i) const { return low + (static_cast<double>(i) + 0.5) * width; }
  void add(double value);
};

/// What one pass over all corrected raw patterns tells, the same bits on any number of ranks.
struct PatternStatistics {
  double patterns = 0;
  std::vector<double> mean, variance;  ///< [raw pixel], of the patterns
  Histogram values;                    ///< of valid pixels
};

/// Bins for the values of a sparse detector with this sample: fine against the spread of its zeros.
Histogram value_bins(std::span<const double> sample);

/// Makes the pass (collective). `histogram`: with bins, or none for no histogram.
PatternStatistics pattern_statistics(const Comm& comm, PatternReader& reader, const PreprocessInput& input,
                                     const Correction& correction, const RoundPlan& plan, Histogram histogram,
                                     const std::string& dataset);

}  // namespace tessera
