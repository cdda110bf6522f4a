#include "src/geometry/scan.hpp"

#include <cmath>
#include <limits>

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

Placement place(const PointYX& position_A, const ObjectFrame& frame, const Grid& window) {
  const Split y = split(position_A.y, frame.origin_A.y, frame.dy_A, window.ny);
  const Split x = split(position_A.x, frame.origin_A.x, frame.dx_A, window.nx);
  return {{y.corner, x.corner}, y.fraction, x.fraction};
}

ObjectFrame enclosing_frame(std::span<const PointYX> positions_A, const Grid& window, Index margin_px) {
  TESSERA_ASSERT(!positions_A.empty());
  ObjectFrame frame{.origin_A = {}, .ny = 0, .nx = 0, .dy_A = window.dy_A, .dx_A = window.dx_A};
  Box all;
  for (const PointYX& position : positions_A) all = hull(all, window_box(place(position, frame, window), window));
  all = grow(all, margin_px);
  frame.origin_A = {static_cast<double>(all.y0) * frame.dy_A, static_cast<double>(all.x0) * frame.dx_A};
  frame.ny = all.height();
  frame.nx = all.width();
  return frame;
}

std::vector<Placement> place_all(std::span<const PointYX> positions_A, const ObjectFrame& frame, const Grid& window) {
  std::vector<Placement> placements;
  placements.reserve(positions_A.size());
  for (const PointYX& position : positions_A) placements.push_back(place(position, frame, window));
  return placements;
}

}  // namespace tessera
