#include <algorithm>
#include <array>
#include <cmath>

#include "io/colour.hpp"
#include "io/pictures.hpp"
#include "io/value_axis.hpp"

namespace tessera {

namespace {

constexpr std::array<Rgb, 4> curve_colours{
    {{0.16, 0.36, 0.66}, {0.80, 0.36, 0.10}, {0.20, 0.55, 0.30}, {0.5, 0.5, 0.5}}};

const Rgb& colour_of(std::size_t curve) { return curve_colours[curve % curve_colours.size()]; }

/// Where a panel's axes lie [screen pixels].
struct Frame {
  double left = 0, right = 0, top = 0, bottom = 0;
};

double place(const ValueAxis& axis, double value, const Frame& frame) {
  return frame.bottom - (frame.bottom - frame.top) * axis.share(value);
}

/// The x axis: samples `step` apart from 0 to `last`.
struct SampleAxis {
  double step = 1;
  double last = 1;

  double place(double at, const Frame& frame) const { return frame.left + (frame.right - frame.left) * at / last; }
};

ValueAxis choose_axis(const CurvePanel& panel) {
  std::vector<const std::vector<double>*> all;
  for (const Curve& curve : panel.curves) all.push_back(&curve.values);
  const auto [smallest, largest] = percentile_limits(all, 0, 100);
  return value_axis(smallest, largest, !panel.linear);
}

void draw_grid_line(const Canvas& canvas, double x0, double y0, double x1, double y1) {
  cairo_set_source_rgb(canvas.pen(), 0.88, 0.88, 0.88);
  cairo_set_line_width(canvas.pen(), 1);
  cairo_move_to(canvas.pen(), x0, y0);
  cairo_line_to(canvas.pen(), x1, y1);
  cairo_stroke(canvas.pen());
}

void draw_axes(const Canvas& canvas, const Frame& frame, const ValueAxis& axis, const SampleAxis& samples,
               bool with_dots) {
  for (const double tick : value_ticks(axis)) {
    const double y = place(axis, tick, frame);
    draw_grid_line(canvas, frame.left, y, frame.right, y);
    canvas.text(frame.left - 8, y, tick_label(tick), Align::right, 13);
  }
  for (const double tick : round_ticks(0, samples.last, with_dots ? 6 : 4)) {
    if (samples.step == 1 && tick != std::floor(tick)) continue;
    const double x = samples.place(tick, frame);
    canvas.line(x, frame.bottom, x, frame.bottom + 5);
    canvas.text(x, frame.bottom + 17, tick_label(tick), Align::centre, 13);
  }
}

void draw_curve(const Canvas& canvas, const Frame& frame, const ValueAxis& axis, const SampleAxis& samples,
                const std::vector<double>& values, const Rgb& colour, bool with_dots) {
  const auto x_place = [&](std::size_t i) { return samples.place(static_cast<double>(i) * samples.step, frame); };
  cairo_set_source_rgb(canvas.pen(), colour.r, colour.g, colour.b);
  cairo_set_line_width(canvas.pen(), 2);
  bool drawing = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      const double x = x_place(i), y = place(axis, values[i], frame);
      drawing ? cairo_line_to(canvas.pen(), x, y) : cairo_move_to(canvas.pen(), x, y);
    }
    drawing = std::isfinite(values[i]);
  }
  cairo_stroke(canvas.pen());
  constexpr std::size_t few = 60;
  for (std::size_t i = 0; i < values.size() && with_dots && values.size() <= few; ++i)
    if (std::isfinite(values[i]))
      canvas.fill_rectangle(x_place(i) - 3, place(axis, values[i], frame) - 3, 6, 6, colour);
}

void draw_mark(const Canvas& canvas, const Frame& frame, double x) {
  const double dashes[] = {5, 4};
  cairo_save(canvas.pen());
  cairo_set_dash(canvas.pen(), dashes, 2, 0);
  canvas.line(x, frame.top, x, frame.bottom);
  cairo_restore(canvas.pen());
}

/// In the upper right corner, where curves that fall leave room.
void draw_legend(const Canvas& canvas, const Frame& frame, const std::vector<Curve>& curves) {
  double y = frame.top + 20;
  for (std::size_t i = 0; i < curves.size(); ++i, y += 22) {
    canvas.fill_rectangle(frame.right - 130, y - 2, 28, 4, colour_of(i));
    canvas.text(frame.right - 94, y, curves[i].label, Align::left, 13);
  }
}

void draw_panel(const Canvas& canvas, const Frame& frame, const CurvePanel& panel, const std::string& x_label,
                double marked, double x_step, bool alone) {
  const ValueAxis axis = choose_axis(panel);
  SampleAxis samples{.step = x_step, .last = x_step};
  for (const Curve& curve : panel.curves)
    samples.last = std::max(samples.last, (static_cast<double>(curve.values.size()) - 1) * x_step);
  draw_axes(canvas, frame, axis, samples, alone);
  for (std::size_t i = 0; i < panel.curves.size(); ++i)
    draw_curve(canvas, frame, axis, samples, panel.curves[i].values, colour_of(i), alone);
  if (marked >= 0) draw_mark(canvas, frame, samples.place(marked, frame));
  if (panel.curves.size() > 1) draw_legend(canvas, frame, panel.curves);
  canvas.frame(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
  canvas.text((frame.left + frame.right) / 2, frame.bottom + (alone ? 45 : 38), x_label, Align::centre);
  canvas.text_upwards(frame.left - 76, (frame.top + frame.bottom) / 2, panel.y_label);
}

}  // namespace

void write_curve_picture(const std::string& path, const std::vector<CurvePanel>& panels, const std::string& x_label,
                         double marked, double x_step) {
  const bool alone = panels.size() == 1;
  const int columns = alone ? 1 : 2, rows = (static_cast<int>(panels.size()) + columns - 1) / columns;
  const int width = alone ? 800 : 600, height = alone ? 520 : 320;
  const Canvas canvas(columns * width, std::max(1, rows) * height);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const double x = static_cast<double>(width) * static_cast<double>(i % static_cast<std::size_t>(columns));
    const std::size_t row = i / static_cast<std::size_t>(columns);
    const double y = static_cast<double>(height) * static_cast<double>(row);
    const Frame frame{
        .left = x + 100, .right = x + width - 20, .top = y + 20, .bottom = y + height - (alone ? 70 : 56)};
    draw_panel(canvas, frame, panels[i], x_label, marked, x_step, alone);
  }
  canvas.save(path);
}

}  // namespace tessera
