#pragma once

#include <vector>

#include "src/workflow/preprocess/statistics.hpp"

namespace tessera {

/// What the electrons of the patterns [position] say, in the order of the scan.
struct DoseStatistics {
  double mean = 0, deviation = 0, least = 0, most = 0;
  double scatter = 0;   ///< deviation over that of counting alone
  double blank = 0;     ///< share of patterns with less than a hundredth of the median
  double drift = 0;     ///< change from the first pattern to the last, as a line fitted to all, over the mean
  Histogram histogram;  ///< of 64 bins
};

DoseStatistics dose_statistics(const std::vector<double>& electrons);

}  // namespace tessera
