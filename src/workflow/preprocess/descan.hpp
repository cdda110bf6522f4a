#pragma once

#include <array>
#include <vector>

#include "src/workflow/preprocess/disc.hpp"
#include "src/workflow/preprocess/pattern_chain.hpp"
#include "src/workflow/preprocess/statistics.hpp"

namespace tessera {

/// How the disc wanders over the scan: its centre less its mean, a plane over scan coordinates in [-1, 1].
struct DescanPlane {
  std::array<double, 4> slope_px = {0, 0, 0, 0};  ///< of (y, x) by (scan y, scan x), row by row

  PointYX at(const PointYX& scan) const {
    return {slope_px[0] * scan.y + slope_px[1] * scan.x, slope_px[2] * scan.y + slope_px[3] * scan.x};
  }
};

/// Places of the positions in the scan, each axis from -1 to 1: its rows and columns, or where it is a list its
/// positions. InputError for a list without positions.
std::vector<PointYX> scan_coordinates(const PreprocessInput& input);

/// Sums over patterns of light-weighted (1, y, x, y y, y x, x x) and of the centres of mass times (1, y, x).
using DescanSums = std::array<double, 12>;
/// What one pattern adds; `counts` [ky, kx], of whose pixels those that are valid and within `reach_px` of the disc's
/// centre count.
DescanSums descan_sums(std::span<const double> counts, std::span<const double> valid, Index nx, const DiscFit& disc,
                       double reach_px, const PointYX& scan);

/// The plane of least squares; `in_disc` is the share of the light that moves with the disc.
DescanPlane descan_plane(const DescanSums& sums, double in_disc);

/// Of the counts within reach of the disc, what lies above the level around it.
double share_in_disc(std::span<const double> mean, std::span<const double> valid, Index nx, const DiscFit& disc,
                     double reach_px);

/// Makes a pass over the patterns and fits the plane (collective).
DescanPlane find_descan(const Comm& comm, PatternReader& reader, const PreprocessInput& input,
                        const Correction& correction, const RoundPlan& plan, const PatternStatistics& statistics,
                        const DiscFit& disc);

/// Whole pixels by which each pattern is moved.
std::vector<PixelShift> descan_shifts(const DescanPlane& plane, std::span<const PointYX> scan);

}  // namespace tessera
