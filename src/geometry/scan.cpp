#include "src/geometry/scan.hpp"

#include <cmath>

#include "src/base/error.hpp"

namespace tessera {

namespace {

struct Split {
  Index corner;
  double fraction;
};

Split split(double position_A, double origin_A, double pixel_A, Index n) {
  const double centre = (position_A - origin_A) / pixel_A;
  const double nearest = std::floor(centre + 0.5);
  return {static_cast<Index>(nearest) - n / 2, centre - nearest};
}

}  // namespace

void turn_about_mean(std::span<PointYX> points, double angle_rad) {
  PointYX mean;
  for (const PointYX& p : points) mean = {mean.y + p.y, mean.x + p.x};
  const double n = static_cast<double>(points.size());
  mean = {mean.y / n, mean.x / n};
  const double c = std::cos(angle_rad), s = std::sin(angle_rad);
  for (PointYX& p : points) {
    const double y = p.y - mean.y, x = p.x - mean.x;
    p = {mean.y + x * s + y * c, mean.x + x * c - y * s};
  }
}

Placement place(const PointYX& position_A, const PointYX& origin_A, const Grid& window) {
  const Split y = split(position_A.y, origin_A.y, window.dy_A, window.ny);
  const Split x = split(position_A.x, origin_A.x, window.dx_A, window.nx);
  return {{y.corner, x.corner}, y.fraction, x.fraction};
}

PlacedScan enclose(std::span<const PointYX> positions_A, const Grid& window, Index margin_px, const PointYX& anchor_A) {
  TESSERA_ASSERT(!positions_A.empty());
  PlacedScan scan;
  Box all;
  for (const PointYX& position : positions_A) {
    scan.placements.push_back(place(position, anchor_A, window));
    all = hull(all, window_box(scan.placements.back(), window));
  }
  all = grow(all, margin_px);
  for (Placement& placement : scan.placements)
    placement.corner = {placement.corner.y - all.y0, placement.corner.x - all.x0};
  scan.frame = {.origin_A = {anchor_A.y + static_cast<double>(all.y0) * window.dy_A,
                             anchor_A.x + static_cast<double>(all.x0) * window.dx_A},
                .ny = all.height(),
                .nx = all.width(),
                .dy_A = window.dy_A,
                .dx_A = window.dx_A};
  return scan;
}

}  // namespace tessera
