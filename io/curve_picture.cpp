#include <algorithm>
#include <cmath>
#include <span>

#include "io/colour.hpp"
#include "io/pictures.hpp"

namespace tessera {

namespace {

constexpr int picture_width = 800;
constexpr int picture_height = 520;
constexpr double left = 100, right = 780, top = 20, bottom = 450;
constexpr Rgb curve_colour{0.16, 0.36, 0.66};

/// The y axis: values in [low, high], which for a logarithmic one are decimal logarithms.
struct ValueAxis {
  bool logarithmic = false;
  double low = 0;
  double high = 1;

  double place(double value) const {
    const double shown = logarithmic ? std::log10(value) : value;
    return bottom - (bottom - top) * (shown - low) / (high - low);
  }
};

ValueAxis choose_axis(const std::vector<double>& values) {
  const std::vector<double>* const all = &values;
  const auto [smallest, largest] = percentile_limits(std::span(&all, 1), 0, 100);
  ValueAxis axis;
  axis.logarithmic = smallest > 0 && largest >= 10 * smallest;
  axis.low = axis.logarithmic ? std::log10(smallest) : smallest;
  axis.high = axis.logarithmic ? std::log10(largest) : largest;
  const double room = 0.05 * (axis.high - axis.low);
  axis.low -= room;
  axis.high += room;
  return axis;
}

/// Round values inside the axis: decades when there are many, otherwise 1, 2, 5 of each decade.
std::vector<double> value_ticks(const ValueAxis& axis) {
  if (!axis.logarithmic) return round_ticks(axis.low, axis.high, 5);
  const bool many = axis.high - axis.low > 3;
  const double every = std::max(1.0, std::ceil((axis.high - axis.low) / 8));
  std::vector<double> ticks;
  for (double decade = std::floor(axis.low); decade <= axis.high; ++decade)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double place = decade + std::log10(factor);
      const bool wanted = factor == 1 ? std::fmod(decade, every) == 0 : !many;
      if (wanted && place >= axis.low && place <= axis.high) ticks.push_back(factor * std::pow(10, decade));
    }
  return ticks;
}

void draw_grid_line(const Canvas& canvas, double x0, double y0, double x1, double y1) {
  cairo_set_source_rgb(canvas.pen(), 0.88, 0.88, 0.88);
  cairo_set_line_width(canvas.pen(), 1);
  cairo_move_to(canvas.pen(), x0, y0);
  cairo_line_to(canvas.pen(), x1, y1);
  cairo_stroke(canvas.pen());
}

}  // namespace

void write_curve_picture(const std::string& path, const std::vector<double>& values, const std::string& x_label,
                         const std::string& y_label) {
  const Canvas canvas(picture_width, picture_height);
  const ValueAxis axis = choose_axis(values);
  const double last = std::max(1.0, static_cast<double>(values.size()) - 1);
  const auto x_place = [&](double index) { return left + (right - left) * index / last; };
  for (const double tick : value_ticks(axis)) {
    const double y = axis.place(tick);
    draw_grid_line(canvas, left, y, right, y);
    canvas.text(left - 8, y, tick_label(tick), Align::right, 13);
  }
  for (const double tick : round_ticks(0, last, 6)) {
    if (tick != std::floor(tick)) continue;
    canvas.line(x_place(tick), bottom, x_place(tick), bottom + 5);
    canvas.text(x_place(tick), bottom + 17, tick_label(tick), Align::centre, 13);
  }
  cairo_set_source_rgb(canvas.pen(), curve_colour.r, curve_colour.g, curve_colour.b);
  cairo_set_line_width(canvas.pen(), 2);
  bool drawing = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      const double x = x_place(static_cast<double>(i));
      const double y = axis.place(values[i]);
      drawing ? cairo_line_to(canvas.pen(), x, y) : cairo_move_to(canvas.pen(), x, y);
    }
    drawing = std::isfinite(values[i]);
  }
  cairo_stroke(canvas.pen());
  constexpr std::size_t few = 60;
  for (std::size_t i = 0; i < values.size() && values.size() <= few; ++i)
    if (std::isfinite(values[i]))
      canvas.fill_rectangle(x_place(static_cast<double>(i)) - 3, axis.place(values[i]) - 3, 6, 6, curve_colour);
  canvas.frame(left, top, right - left, bottom - top);
  canvas.text((left + right) / 2, bottom + 45, x_label, Align::centre);
  canvas.text_upwards(24, (top + bottom) / 2, y_label);
  canvas.save(path);
}

}  // namespace tessera
