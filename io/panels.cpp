#include "io/panels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/colour.hpp"
#include "src/base/error.hpp"
#include "src/base/units.hpp"

namespace tessera {

Panels::Panels(Index n, Index ny, Index nx, double dy_A, double dx_A, double smallest, double largest,
               double right_margin)
    : right_margin_(right_margin) {
  TESSERA_ASSERT(n > 0 && ny > 0 && nx > 0 && dy_A > 0 && dx_A > 0, n, ny, nx, dy_A, dx_A);
  constexpr Index longest_row = 6;
  columns_ = n <= longest_row ? n : static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(n))));
  rows_ = (n + columns_ - 1) / columns_;
  const double height_A = static_cast<double>(ny) * dy_A;
  const double width_A = static_cast<double>(nx) * dx_A;
  const double longer_A = std::max(height_A, width_A);
  const double one_to_one = 1 / std::min(dy_A, dx_A);
  // Whole screen pixels for each image pixel where that fits.
  const double enlarged = one_to_one * std::max(1.0, std::ceil(smallest / (one_to_one * longer_A) - 1e-9));
  screen_per_A_ = enlarged * longer_A <= largest ? enlarged : largest / longer_A;
  width_ = std::max(1.0, std::round(width_A * screen_per_A_));
  height_ = std::max(1.0, std::round(height_A * screen_per_A_));
}

int Panels::picture_width() const {
  return static_cast<int>(std::max(right() + right_margin_, margin + least_content));
}

int Panels::picture_height() const {
  return static_cast<int>(top + static_cast<double>(rows_) * (height_ + top) - top + bottom);
}

void Panels::draw_scale_bar(const Canvas& canvas) const {
  const double length_A = round_down(0.4 * std::max(width_, least_content / 2) / screen_per_A_);
  const double length = length_A * screen_per_A_;
  const double x0 = x(0);
  const double y0 = picture_height() - bottom / 2;
  canvas.fill_rectangle(x0, y0 - 3, length, 6, {0, 0, 0});
  const bool in_nm = length_A >= units::A_per_nm * (1 - 1e-9);
  canvas.text(x0 + length + 10, y0,
              in_nm ? tick_label(length_A / units::A_per_nm) + " nm" : tick_label(length_A) + " \u00c5");
}

void draw_colour_bar(const Canvas& canvas, double x, double y, double height, double low, double high,
                     const std::string& unit) {
  constexpr double bar_width = 18;
  const int steps = std::max(1, static_cast<int>(height));
  for (int i = 0; i < steps; ++i) canvas.fill_rectangle(x, y + i, bar_width, 1, magma(1 - (i + 0.5) / steps));
  canvas.frame(x, y, bar_width, height);
  const int wanted = std::clamp(static_cast<int>(height / 60), 2, 6);
  for (const double tick : round_ticks(low, high, wanted)) {
    const double place = y + height * (high - tick) / (high - low);
    canvas.line(x + bar_width, place, x + bar_width + 5, place);
    canvas.text(x + bar_width + 9, place, tick_label(tick), Align::left, 13);
  }
  canvas.text(x, y - 14, unit);
}

}  // namespace tessera
