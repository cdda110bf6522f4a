#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/geometry/scan_statistics.hpp"
#include "src/workflow/input/sampling_sheet.hpp"

namespace tessera {

/// What is known of a data set; what is not stays empty.
struct Calibration {
  std::optional<double> wavelength_A;
  std::optional<double> semiangle_rad;
  std::optional<double> dk_y_invA, dk_x_invA;  ///< detector pixel
  double C10_A = 0;
};

/// What some patterns of a data set say.
struct PatternStatistics {
  Index ny = 0;
  Index nx = 0;
  Index n_patterns = 0;
  Index n_read = 0;
  double mean_electrons = 0;  ///< per pattern
  double largest = 0;
  bool has_negative = false;
  bool has_nan = false;
};

/// Counts electrons, negative values and NaN in patterns [n, ky, kx].
PatternStatistics pattern_statistics(const std::vector<double>& patterns, Index n_patterns, Index ny, Index nx);

/// Lines on sampling, field, overlap and dose, then "warning: ..." lines where something will not work well.
std::vector<std::string> describe_sampling(const Calibration& calibration, const PatternStatistics& patterns,
                                           const std::vector<PointYX>& positions_A);

}  // namespace tessera
