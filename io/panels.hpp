#pragma once

#include <string>

#include "io/canvas.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// Where panels of equal size stand on a picture: `n` images of ny x nx pixels of dy_A x dx_A angstrom in rows, each
/// with a line of text above, a scale bar under the last row and a margin on the right. All lengths in screen pixels.
class Panels {
 public:
  /// The longer side of a panel is between `smallest` and `largest`.
  Panels(Index n, Index ny, Index nx, double dy_A, double dx_A, double smallest, double largest, double right_margin);

  int picture_width() const;
  int picture_height() const;
  double width() const { return width_; }
  double height() const { return height_; }
  double x(Index i) const { return margin + static_cast<double>(i % columns_) * (width_ + gap); }
  double y(Index i) const {
    const Index row = i / columns_;
    return top + static_cast<double>(row) * (height_ + top);
  }
  /// Left edge of the right margin.
  double right() const { return x(columns_ - 1) + width_ + gap; }

  /// A bar of a round length with its label, under the first panel of the last row.
  void draw_scale_bar(const Canvas& canvas) const;

 private:
  static constexpr double margin = 20;
  static constexpr double gap = 16;
  static constexpr double top = 34;
  static constexpr double bottom = 50;
  static constexpr double least_content = 320;  ///< room for the title and the scale bar of narrow images

  Index columns_ = 1;
  Index rows_ = 1;
  double width_ = 0;
  double height_ = 0;
  double right_margin_ = 0;
  double screen_per_A_ = 1;
};

/// The colours of magma from `low` to `high` with ticks and the unit, at the given place.
void draw_colour_bar(const Canvas& canvas, double x, double y, double height, double low, double high,
                     const std::string& unit);

}  // namespace tessera
