#include "src/geometry/scan_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "src/base/median.hpp"

namespace tessera {

namespace {

double length(const PointYX& d) { return std::hypot(d.y, d.x); }

/// From position i to the nearest other place that `counts`; a second pattern at the same place does not.
template <class Counts>
std::optional<PointYX> nearest_offset(const std::vector<PointYX>& positions_A, std::size_t i, const Counts& counts) {
  std::optional<PointYX> nearest;
  double best = std::numeric_limits<double>::infinity();
  for (const PointYX& p : positions_A) {
    const PointYX d{p.y - positions_A[i].y, p.x - positions_A[i].x};
    const double distance2 = d.y * d.y + d.x * d.x;
    if (distance2 <= 0 || distance2 >= best || !counts(d)) continue;
    best = distance2;
    nearest = d;
  }
  return nearest;
}

/// Corners in the mathematical sense of rotation about x, y; Andrew's monotone chain.
std::vector<PointYX> convex_hull(std::vector<PointYX> points) {
  std::sort(points.begin(), points.end(),
            [](const PointYX& a, const PointYX& b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
  std::vector<PointYX> hull;
  const auto add_chain = [&](const auto first, const auto last) {
    const std::size_t base = hull.size();
    for (auto p = first; p != last; ++p) {
      while (hull.size() >= base + 2) {
        const PointYX &a = hull[hull.size() - 2], &b = hull.back();
        if ((b.x - a.x) * (p->y - a.y) - (b.y - a.y) * (p->x - a.x) > 0) break;
        hull.pop_back();
      }
      hull.push_back(*p);
    }
    hull.pop_back();  // the next chain begins with it
  };
  add_chain(points.begin(), points.end());
  add_chain(points.rbegin(), points.rend());
  return hull;
}

}  // namespace

ScanSteps scan_steps(const std::vector<PointYX>& positions_A) {
  constexpr std::size_t most = 500;
  const std::size_t stride = positions_A.size() / most + 1;
  std::vector<double> nearest_A, across_A;
  for (std::size_t i = 0; i < positions_A.size(); i += stride) {
    const auto along = nearest_offset(positions_A, i, [](const PointYX&) { return true; });
    if (!along) continue;
    nearest_A.push_back(length(*along));
    const auto across = nearest_offset(positions_A, i, [&](const PointYX& d) {
      const double parallel = std::abs(d.y * along->y + d.x * along->x);
      return std::abs(d.y * along->x - d.x * along->y) >= (1 - 1e-6) * parallel;
    });
    if (across) across_A.push_back(length(*across));
  }
  if (nearest_A.empty()) return {};
  const double nearest = median(nearest_A);
  return {nearest, 2 * across_A.size() > nearest_A.size() ? median(across_A) : nearest};
}

double area_per_position_A2(const std::vector<PointYX>& positions_A) {
  if (positions_A.size() < 2) return 0;
  const std::vector<PointYX> hull = convex_hull(positions_A);
  double area_A2 = 0, half_length_A = 0;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const PointYX &a = hull[i], &b = hull[(i + 1) % hull.size()];
    area_A2 += 0.5 * (a.x * b.y - a.y * b.x);
    half_length_A += 0.5 * length({b.y - a.y, b.x - a.x});
  }
  // With the spacing s: area + half_length s + s^2 = n s^2.
  const double n = static_cast<double>(positions_A.size()) - 1;
  const double spacing_A = (half_length_A + std::sqrt(half_length_A * half_length_A + 4 * n * area_A2)) / (2 * n);
  return spacing_A * spacing_A;
}

double repeated_share(const std::vector<PointYX>& positions_A) {
  if (positions_A.empty()) return 0;
  const double near_A = 1e-3 * scan_steps(positions_A).nearest_A;
  const auto cell = [&](const PointYX& p) {
    return near_A > 0 ? std::pair(std::round(p.y / near_A), std::round(p.x / near_A)) : std::pair(p.y, p.x);
  };
  std::vector<std::pair<double, double>> cells;
  cells.reserve(positions_A.size());
  for (const PointYX& p : positions_A) cells.push_back(cell(p));
  std::sort(cells.begin(), cells.end());
  const auto places = std::unique(cells.begin(), cells.end()) - cells.begin();
  return 1 - static_cast<double>(places) / static_cast<double>(positions_A.size());
}

}  // namespace tessera
