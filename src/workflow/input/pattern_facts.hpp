#pragma once

#include <optional>
#include <vector>

#include "src/geometry/scan.hpp"

namespace tessera {

/// Some patterns of a data set, as the file has them.
struct PatternSample {
  Index ny = 0, nx = 0;
  std::vector<double> values;  ///< [pattern, ky, kx] counts; neighbours of the scan come in pairs
  Index count() const { return ny * nx == 0 ? 0 : static_cast<Index>(values.size()) / (ny * nx); }
};

/// The disc that electrons draw which the specimen did not scatter.
struct BrightField {
  PointYX centre_px;       ///< pixel of the file
  double radius_y_px = 0;  ///< where the mean pattern falls off most, along y and x
  double radius_x_px = 0;
};

/// What a sample of patterns says. Shares are of the sampled patterns or pixels, 0 to 1.
struct PatternFacts {
  Index read = 0;
  double mean_counts = 0;   ///< of a pattern
  double mean_largest = 0;  ///< the brightest pixel of the mean pattern
  double largest = 0;       ///< of all counts
  double blank = 0;         ///< patterns with less than a hundredth of the median's counts
  double saturated = 0;     ///< pixels that hold the largest value, where so many do that it must be a limit
  double repeated = 0;      ///< neighbouring patterns that are the same, pixel by pixel
  double pedestal = 0;      ///< smallest pixel of the mean pattern over its mean
  /// Scatter of the patterns' sums over that of counting, with the sum as the number of electrons; nothing when fewer
  /// than eight patterns were read.
  std::optional<double> scatter = {};
  bool has_negative = false, has_nan = false;
  std::optional<BrightField> disc = {};  ///< nothing where it cannot be told
};

/// `valid` [ky, kx]: 0 where a pixel does not count; empty: all do. `counts_per_electron` turns sums into electrons.
/// Cost: a few passes over the sample.
PatternFacts pattern_facts(const PatternSample& sample, const std::vector<double>& valid, double counts_per_electron);

}  // namespace tessera
