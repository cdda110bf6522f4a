#pragma once

#include <optional>
#include <vector>

#include "src/workflow/input/pattern_facts.hpp"

namespace tessera {

/// What the scatter between neighbouring patterns tells of the detector.
struct DetectorNoise {
  double counts_per_electron = 0, counts_error = 0;
  double psf_px = 0, psf_error_px = 0;  ///< 0: neighbouring pixels scatter independently
  /// Whether the darkest pixels scatter as the extrapolation says, within a tenth: else the specimen changes them all,
  /// and both figures are at most these.
  bool sure = false;
};

/// Half the squared difference of two patterns that lie side by side in the scan is the variance of counting, g mu for
/// g counts an electron, plus what the specimen changes, which grows as mu^2: g is the ratio of variance and mean
/// extrapolated to dark pixels. Sums over 4 x 4 pixels are used, so that a point spread, which only shares counts among
/// neighbours, does not lower it. The correlation of the differences at neighbouring pixels is exp(-1/(4 psf^2)) for a
/// Gaussian spread of one electron's counts. Only pixels below the median mean are looked at for the correlation, where
/// the specimen changes least. Nothing for fewer than four pairs or 2,000 counts.
std::optional<DetectorNoise> detector_noise(const PatternSample& sample, const std::vector<double>& valid);

}  // namespace tessera
