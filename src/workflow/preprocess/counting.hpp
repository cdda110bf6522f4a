#pragma once

#include <optional>

#include "src/workflow/preprocess/statistics.hpp"

namespace tessera {

/// The peaks of 0, 1, 2, ... electrons in a histogram of pixel values.
struct ElectronPeaks {
  double zero = 0;          ///< where the peak of no electron lies [counts]
  double per_electron = 0;  ///< from peak to peak [counts]
  double error = 0;         ///< standard error of that
  double width = 0;         ///< standard deviation of the peaks
  double electrons = 0;     ///< in the peak of one
};

/// Gaussians of one width at zero + k per_electron, k = 0 to 3, fitted by expectation maximisation from the first
/// maximum beyond the peak of zero. Nothing where there is no such peak: where the histogram only falls, or a pixel
/// holds many electrons as a rule.
std::optional<ElectronPeaks> electron_peaks(const Histogram& histogram);

}  // namespace tessera
