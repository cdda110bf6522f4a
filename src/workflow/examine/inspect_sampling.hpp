#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/workflow/input/sampling_sheet.hpp"

namespace tessera {

/// What is known of a data set; what is not stays empty.
struct Calibration {
  std::optional<double> wavelength_A;
  std::optional<double> semiangle_rad;
  std::optional<double> dk_y_invA, dk_x_invA;  ///< detector pixel
  double C10_A = 0;
};

/// The patterns of a data set, and what a sample of them says.
struct InspectedPatterns {
  Index count = 0;
  Index ny = 0, nx = 0;
  PatternFacts facts;
};

/// Lines on counts, field and window, the sampling sheet as far as it can be told, then "warning: ..." lines where
/// something is missing or will not work well.
std::vector<std::string> describe_sampling(const Calibration& calibration, const InspectedPatterns& patterns,
                                           const std::vector<PointYX>& positions_A);

}  // namespace tessera
