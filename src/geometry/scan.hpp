#pragma once

#include <span>
#include <vector>

#include "src/geometry/box.hpp"
#include "src/geometry/grid.hpp"

namespace tessera {

/// A point in the plane of the specimen [A], (y, x).
struct PointYX {
  double y = 0;
  double x = 0;
};

/// Turns points about their mean as `scan.rotation_deg` does: x' = x cos - y sin, y' = x sin + y cos.
void turn_about_mean(std::span<PointYX> points, double angle_rad);

/// Where one position puts its window: `corner` is the object pixel of the window's pixel (0,0) and (fy, fx) in
/// [-1/2, 1/2) is what remains [pixels], by which the probe is shifted.
struct Placement {
  PixelYX corner;
  double fy = 0;
  double fx = 0;
};

/// The object's pixel grid: pixel (0,0) lies at `origin_A` in the coordinates of the positions.
struct ObjectFrame {
  PointYX origin_A;
  Index ny = 0;
  Index nx = 0;
  double dy_A = 0;
  double dx_A = 0;
  Box box() const { return {0, 0, ny, nx}; }
};

/// c = (p - origin)/pixel is the object pixel of window pixel floor(N/2); corner = floor(c + 1/2) - floor(N/2).
Placement place(const PointYX& position_A, const PointYX& origin_A, const Grid& window);

inline Box window_box(const Placement& placement, const Grid& window) {
  return {placement.corner.y, placement.corner.x, placement.corner.y + window.ny, placement.corner.x + window.nx};
}

/// A scan on its object's pixels.
struct PlacedScan {
  ObjectFrame frame;
  std::vector<Placement> placements;  ///< [position], in `frame`
};

/// The smallest frame that holds every window and `margin_px` more on each side. Its origin lies a multiple of the
/// pixel size from `anchor_A`, so that runs on parts of a scan share pixels. Positions are rounded to pixels once,
/// against the anchor: rounded against the frame's own origin, half a pixel could go the other way and leave the frame.
PlacedScan enclose(std::span<const PointYX> positions_A, const Grid& window, Index margin_px,
                   const PointYX& anchor_A = {});

}  // namespace tessera
