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
Placement place(const PointYX& position_A, const ObjectFrame& frame, const Grid& window);

inline Box window_box(const Placement& placement, const Grid& window) {
  return {placement.corner.y, placement.corner.x, placement.corner.y + window.ny, placement.corner.x + window.nx};
}

/// The smallest frame that holds every window and `margin_px` more on each side; its origin lies on a multiple of the
/// pixel size from the origin of the positions, so that runs on parts of a scan share pixels.
ObjectFrame enclosing_frame(std::span<const PointYX> positions_A, const Grid& window, Index margin_px);

std::vector<Placement> place_all(std::span<const PointYX> positions_A, const ObjectFrame& frame, const Grid& window);

}  // namespace tessera
