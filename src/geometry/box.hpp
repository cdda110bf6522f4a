#pragma once

#include <algorithm>

#include "src/base/index.hpp"
#include "src/base/portable.hpp"

namespace tessera {

/// A pixel, or a shift in pixels.
struct PixelYX {
  Index y = 0;
  Index x = 0;
  friend bool operator==(const PixelYX&, const PixelYX&) = default;
};

/// Half-open box of object pixels: y0 <= y < y1, x0 <= x < x1. Empty when an extent is not positive.
struct Box {
  Index y0 = 0;
  Index x0 = 0;
  Index y1 = 0;
  Index x1 = 0;

  TESSERA_HD constexpr Index height() const { return y1 > y0 ? y1 - y0 : 0; }
  TESSERA_HD constexpr Index width() const { return x1 > x0 ? x1 - x0 : 0; }
  TESSERA_HD constexpr Index count() const { return height() * width(); }
  TESSERA_HD constexpr bool empty() const { return y1 <= y0 || x1 <= x0; }
  friend bool operator==(const Box&, const Box&) = default;
};

constexpr Box intersect(const Box& a, const Box& b) {
  const Box box{std::max(a.y0, b.y0), std::max(a.x0, b.x0), std::min(a.y1, b.y1), std::min(a.x1, b.x1)};
  return box.empty() ? Box{} : box;
}

/// The smallest box that holds both; an empty one does not count.
constexpr Box hull(const Box& a, const Box& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.y0, b.y0), std::min(a.x0, b.x0), std::max(a.y1, b.y1), std::max(a.x1, b.x1)};
}

constexpr Box grow(const Box& box, Index by) { return {box.y0 - by, box.x0 - by, box.y1 + by, box.x1 + by}; }

constexpr Box shift(const Box& box, PixelYX by) { return {box.y0 + by.y, box.x0 + by.x, box.y1 + by.y, box.x1 + by.x}; }

constexpr bool contains(const Box& outer, const Box& inner) {
  return inner.empty() || intersect(outer, inner) == inner;
}

}  // namespace tessera
