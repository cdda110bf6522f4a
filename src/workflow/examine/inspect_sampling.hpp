#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/geometry/scan.hpp"

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

/// How far neighbours are apart [A]: medians over up to 500 positions.
struct ScanSteps {
  double nearest_A = 0;  ///< to the nearest other place
  double across_A = 0;   ///< to the nearest at 45 degrees or more from that direction
};

/// Of a raster, turned or not, these are its two steps, the smaller one first. The one across decides whether probes
/// overlap everywhere: along the other direction they are nearer. In an irregular scan it comes close to the root of
/// the area per position, whereas the nearest neighbour is nearer than the usual one. On a line both are the step along
/// it.
ScanSteps scan_steps(const std::vector<PointYX>& positions_A);

/// Scanned area [A^2] for each position: that of the convex hull, widened by half a spacing all around, since the
/// outermost positions have half of their area outside. Exact for square rasters at any angle; a hole in the scan
/// counts as scanned. 0 for fewer than two places.
double area_per_position_A2(const std::vector<PointYX>& positions_A);

/// Radius of the illuminated disc [A]: Airy radius 0.61 lambda/alpha plus the defocused cone |C10| alpha.
double probe_radius_A(double wavelength_A, double semiangle_rad, double C10_A);

/// Lines on sampling, field, overlap and dose, then "warning: ..." lines where something will not work well.
std::vector<std::string> describe_sampling(const Calibration& calibration, const PatternStatistics& patterns,
                                           const std::vector<PointYX>& positions_A);

}  // namespace tessera
