#pragma once

#include <span>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// What was found wrong with pixels.
struct BadPixels {
  std::vector<double> valid;  ///< [pixel] as given, less those found
  Index hot = 0, dead = 0, noisy = 0;
  Index found() const { return hot + dead + noisy; }
};

/// Pixels that are unlike all their eight neighbours, by the mean [electron] and the variance over `patterns` patterns:
/// - hot: root of the mean beyond that of the second brightest neighbour,
/// - dead: as far below that of the second darkest, or constant where the neighbours change,
/// - noisy: variance over mean beyond the second largest of the neighbours (its logarithm is compared),
/// each by more than `sigma` robust standard deviations (1.4826 times the median absolute deviation) of what pixels
/// differ from the median of their neighbours, and of counting noise, and by more than twice what lies between the
/// second least and second largest neighbour: beside a rim much is allowed. Two bad pixels beside each other are still
/// found; so is a reflection of a single pixel. Repeated without what was found until nothing is found.
BadPixels find_bad_pixels(std::span<const double> mean, std::span<const double> variance, double patterns,
                          std::span<const double> valid, Index ny, Index nx, double sigma);

}  // namespace tessera
