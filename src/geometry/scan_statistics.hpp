#pragma once

#include <vector>

#include "src/geometry/scan.hpp"

namespace tessera {

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

/// Share of the positions that stand, within a thousandth of the nearest step, where another one does: [0, 1]. Cost:
/// O(positions log positions).
double repeated_share(const std::vector<PointYX>& positions_A);

}  // namespace tessera
