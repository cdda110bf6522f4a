#include "src/workflow/report/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "io/colour.hpp"
#include "io/value_axis.hpp"
#include "src/workflow/report/html.hpp"

namespace tessera {

namespace {

// Lengths in the drawing's own pixels.
constexpr double width = 560, height = 300, left = 74, right = 16, top = 26, bottom = 40;

/// Values from one place to another.
struct Axis {
  ValueAxis values;
  double from = 0, to = 1;  ///< places of the low and the high end

  double place(double value) const { return from + (to - from) * values.share(value); }
};

std::optional<std::pair<double, double>> range_of(const std::vector<Curve>& curves) {
  std::optional<std::pair<double, double>> range;
  for (const Curve& curve : curves)
    for (const double value : curve.values) {
      if (!std::isfinite(value)) continue;
      if (!range) range = {value, value};
      range = {std::min(range->first, value), std::max(range->second, value)};
    }
  return range;
}

std::string draw_axes(const Axis& x, const Axis& y, const std::string& y_label) {
  std::string svg;
  for (const double tick : value_ticks(y.values))
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\"/>"
        "<text class=\"tick\" x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        left, width - right, y.place(tick), left - 8, y.place(tick) + 4, tick_label(tick));
  for (const double tick : round_ticks(x.values.low, x.values.high, 6))
    if (tick == std::floor(tick))
      svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x.place(tick),
                         height - bottom + 17, tick_label(tick));
  svg += fmt::format("<rect class=\"axes\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", left, top,
                     width - left - right, height - top - bottom);
  svg +=
      fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">iteration</text><text x=\"2\" y=\"14\">{}</text>\n",
                  (left + width - right) / 2, height - 6, html_text(y_label));
  return svg;
}

/// The curve, broken where there is no number.
std::string draw_curve(const Axis& x, const Axis& y, const std::vector<double>& values,
                       const std::vector<double>& iterations, std::size_t number) {
  constexpr std::size_t most = 1000;
  const std::size_t every = values.size() / most + 1;
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % every != 0 && i + 1 != values.size()) continue;
    const bool known = std::isfinite(values[i]) && (!y.values.logarithmic || values[i] > 0);
    if (known) path += fmt::format("{}{:.1f} {:.1f}", drawing ? 'L' : 'M', x.place(iterations[i]), y.place(values[i]));
    drawing = known;
  }
  return fmt::format("<path class=\"curve c{}\" d=\"{}\"/>\n", number % 4, path);
}

std::string draw_legend(const std::vector<Curve>& curves) {
  std::string svg;
  double x = width - right - 120.0 * static_cast<double>(curves.size());
  for (std::size_t i = 0; i < curves.size(); ++i, x += 120)
    svg += fmt::format("<path class=\"curve c{}\" d=\"M{} 10h24\"/><text x=\"{}\" y=\"14\">{}</text>\n", i % 4, x,
                       x + 30, html_text(curves[i].label));
  return svg;
}

}  // namespace

std::string chart_svg(const CurvePanel& panel, const std::vector<double>& iterations, int marked) {
  std::size_t longest = 0;
  for (const Curve& curve : panel.curves) longest = std::max(longest, curve.values.size());
  std::vector<double> numbers = iterations;
  for (std::size_t i = numbers.size(); i < longest; ++i) numbers.push_back(numbers.empty() ? 0 : numbers.back() + 1);
  const auto range = range_of(panel.curves);
  if (!range || longest < 2) return "";
  const Axis x{.values = {.low = numbers.front(), .high = std::max(numbers.front() + 1, numbers[longest - 1])},
               .from = left,
               .to = width - right};
  const Axis y{.values = value_axis(range->first, range->second), .from = height - bottom, .to = top};
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", width, height,
                                html_text(panel.y_label));
  svg += draw_axes(x, y, panel.y_label);
  for (std::size_t i = 0; i < panel.curves.size(); ++i) svg += draw_curve(x, y, panel.curves[i].values, numbers, i);
  if (marked >= 0)
    svg += fmt::format("<line class=\"mark\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>\n", x.place(marked),
                       top, height - bottom);
  if (panel.curves.size() > 1) svg += draw_legend(panel.curves);
  return svg + "</svg>\n";
}

}  // namespace tessera
