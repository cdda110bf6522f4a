#include "io/colour.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace tessera {

Rgb magma(double value) {
  static constexpr std::array<std::array<double, 3>, 9> anchors{{{0, 0, 4},
                                                                 {28, 16, 68},
                                                                 {79, 18, 123},
                                                                 {129, 37, 129},
                                                                 {181, 54, 122},
                                                                 {229, 80, 100},
                                                                 {251, 135, 97},
                                                                 {254, 194, 135},
                                                                 {252, 253, 191}}};
  if (!std::isfinite(value)) return {0.5, 0.5, 0.5};
  const double place = std::clamp(value, 0.0, 1.0) * (anchors.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), anchors.size() - 2);
  const double part = place - static_cast<double>(below);
  const auto mix = [&](std::size_t i) { return ((1 - part) * anchors[below][i] + part * anchors[below + 1][i]) / 255; };
  return {mix(0), mix(1), mix(2)};
}

Rgb phase_wheel(std::complex<double> value) {
  constexpr double lightness = 0.76;
  constexpr double chroma = 0.125;  // the largest that stays inside sRGB for every hue
  if (!std::isfinite(value.real()) || !std::isfinite(value.imag())) return {0.5, 0.5, 0.5};
  const double angle = std::arg(value);
  const double a = chroma * std::cos(angle);
  const double b = chroma * std::sin(angle);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  const double amplitude = std::min(1.0, std::abs(value));
  const auto encoded = [&](double linear) { return amplitude * std::pow(std::clamp(linear, 0.0, 1.0), 1 / 2.2); };
  return {encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

std::pair<double, double> percentile_limits(std::span<const std::vector<double>* const> images, double low,
                                            double high) {
  std::vector<double> finite;
  for (const auto* image : images)
    std::copy_if(image->begin(), image->end(), std::back_inserter(finite), [](double v) { return std::isfinite(v); });
  if (finite.empty()) return {0, 1};
  const auto at = [&](double percent) {
    const auto place = static_cast<std::ptrdiff_t>(std::lround(percent / 100 * static_cast<double>(finite.size() - 1)));
    std::nth_element(finite.begin(), finite.begin() + place, finite.end());
    return finite[static_cast<std::size_t>(place)];
  };
  const double bottom = at(low);
  const double top = at(high);
  if (top > bottom) return {bottom, top};
  const double half = bottom == 0 ? 0.5 : 0.01 * std::abs(bottom);
  return {bottom - half, bottom + half};
}

double round_down(double length) {
  const double decade = std::pow(10, std::floor(std::log10(length) + 1e-9));
  const double factor = length / decade * (1 + 1e-9);
  return decade * (factor >= 5 ? 5 : factor >= 2 ? 2 : 1);
}

std::vector<double> round_ticks(double low, double high, int wanted) {
  const double range = high - low;
  double step = round_down(range / wanted);
  if (range / step > 2 * wanted) step = round_down(2.5 * step);
  std::vector<double> ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * range; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string tick_label(double value) { return fmt::format("{:.4g}", value == 0 ? 0.0 : value); }

}  // namespace tessera
