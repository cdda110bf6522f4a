#include "src/analysis/registration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "src/base/constants.hpp"

namespace tessera {
namespace {

constexpr Index reach = 8;  ///< pixels to each side

/// Weights of the pixels first .. first + 2 reach - 1 of a line for the value between them.
struct Stencil {
  Index first = 0;
  std::array<double, 2 * reach> weights{};
};

double sinc(double x) { return std::abs(x) < 1e-12 ? 1.0 : std::sin(pi * x) / (pi * x); }

/// A place that is beyond all pixels takes those of the edge, however far it is.
Stencil stencil_at(double place_px) {
  const double at_px = bounded_place(place_px);
  Stencil stencil;
  stencil.first = static_cast<Index>(std::floor(at_px)) - reach + 1;
  double sum = 0;
  for (Index i = 0; i < 2 * reach; ++i) {
    const double distance = at_px - static_cast<double>(stencil.first + i);
    double& weight = stencil.weights[static_cast<std::size_t>(i)];
    weight = sinc(distance) * sinc(distance / static_cast<double>(reach));
    sum += weight;
  }
  for (double& weight : stencil.weights) weight /= sum;
  return stencil;
}

double apply(const Stencil& stencil, const double* line, Index n, Index stride) {
  double sum = 0;
  for (Index i = 0; i < 2 * reach; ++i) {
    const Index at = std::clamp<Index>(stencil.first + i, 0, n - 1);
    sum += stencil.weights[static_cast<std::size_t>(i)] * line[at * stride];
  }
  return sum;
}

/// Where the parabola through three equidistant values has its top, in steps from the middle one.
double parabola_top(double left, double middle, double right) {
  const double curvature = left - 2 * middle + right;
  return curvature < 0 ? std::clamp(0.5 * (left - right) / curvature, -1.0, 1.0) : 0.0;
}

Image middle_of(const Image& image) {
  constexpr Index most = 256;
  const Index ny = std::min(image.frame.ny, most), nx = std::min(image.frame.nx, most);
  const Index y0 = (image.frame.ny - ny) / 2, x0 = (image.frame.nx - nx) / 2;
  return crop(image, {y0, x0, y0 + ny, x0 + nx});
}

double score(const Image& fixed, const Image& moving, const PointYX& shift_A) {
  Image moved = resample(moving, fixed.frame, shift_A);
  remove_plane(moved);
  return correlation(fixed, moved);
}

PointYX best_whole_pixel(const Image& fixed, const Image& moving, double limit_A) {
  const auto ny = static_cast<Index>(limit_A / fixed.frame.dy_A), nx = static_cast<Index>(limit_A / fixed.frame.dx_A);
  PointYX best;
  double best_score = score(fixed, moving, best);
  for (Index y = -ny; y <= ny; ++y) {
    for (Index x = -nx; x <= nx; ++x) {
      const PointYX shift{static_cast<double>(y) * fixed.frame.dy_A, static_cast<double>(x) * fixed.frame.dx_A};
      const double value = score(fixed, moving, shift);
      if (value > best_score) {
        best = shift;
        best_score = value;
      }
    }
  }
  return best;
}

}  // namespace

Box reached_by(const ObjectFrame& onto, const ObjectFrame& from, double limit_A) {
  const auto range = [limit_A](double first_A, double last_A, double pixel_A, Index n) {
    const auto low = whole_pixel(std::floor((first_A - limit_A) / pixel_A)) - reach;
    const auto high = whole_pixel(std::floor((last_A + limit_A) / pixel_A)) + reach + 1;
    const Index first = std::clamp<Index>(low, 0, n - 1);
    return std::pair{first, std::clamp<Index>(high + 1, first + 1, n)};
  };
  const double y_A = onto.origin_A.y - from.origin_A.y, x_A = onto.origin_A.x - from.origin_A.x;
  const auto [y0, y1] = range(y_A, y_A + static_cast<double>(onto.ny - 1) * onto.dy_A, from.dy_A, from.ny);
  const auto [x0, x1] = range(x_A, x_A + static_cast<double>(onto.nx - 1) * onto.dx_A, from.dx_A, from.nx);
  return {y0, x0, y1, x1};
}

Image resample(const Image& image, const ObjectFrame& onto, const PointYX& shift_A) {
  constexpr Index strip_rows = 128;
  const ObjectFrame& from = image.frame;
  const auto at = [](Index i, double origin_A, double pixel_A, double shift, double from_A, double from_pixel_A) {
    return stencil_at((origin_A + static_cast<double>(i) * pixel_A - shift - from_A) / from_pixel_A);
  };
  std::vector<Stencil> along_x;
  for (Index x = 0; x < onto.nx; ++x)
    along_x.push_back(at(x, onto.origin_A.x, onto.dx_A, shift_A.x, from.origin_A.x, from.dx_A));
  Image out{onto, std::vector<double>(static_cast<std::size_t>(onto.ny * onto.nx))};
  std::vector<double> columns;  // [y of `from` that the strip needs, x of `onto`]
  for (Index strip = 0; strip < onto.ny; strip += strip_rows) {
    const Index end = std::min(strip + strip_rows, onto.ny);
    std::vector<Stencil> along_y;
    for (Index y = strip; y < end; ++y)
      along_y.push_back(at(y, onto.origin_A.y, onto.dy_A, shift_A.y, from.origin_A.y, from.dy_A));
    const Index first = std::clamp<Index>(along_y.front().first, 0, from.ny - 1);
    const Index last = std::clamp<Index>(along_y.back().first + 2 * reach - 1, 0, from.ny - 1);
    columns.resize(static_cast<std::size_t>((last - first + 1) * onto.nx));
    for (Index y = first; y <= last; ++y)
      for (Index x = 0; x < onto.nx; ++x)
        columns[static_cast<std::size_t>((y - first) * onto.nx + x)] =
            apply(along_x[static_cast<std::size_t>(x)], image.values.data() + y * from.nx, from.nx, 1);
    for (Index y = strip; y < end; ++y) {
      Stencil stencil = along_y[static_cast<std::size_t>(y - strip)];
      stencil.first -= first;
      for (Index x = 0; x < onto.nx; ++x)
        out.values[static_cast<std::size_t>(y * onto.nx + x)] =
            apply(stencil, columns.data() + x, last - first + 1, onto.nx);
    }
  }
  return out;
}

PointYX find_shift(const Image& fixed, const Image& moving, double limit_A) {
  const PointYX pixel{fixed.frame.dy_A, fixed.frame.dx_A};
  PointYX best = best_whole_pixel(middle_of(fixed), moving, limit_A);
  for (const double step : {0.5, 0.2, 0.1}) {
    const PointYX h{step * pixel.y, step * pixel.x};
    const auto at = [&](double y, double x) { return score(fixed, moving, {best.y + y * h.y, best.x + x * h.x}); };
    const double here = at(0, 0);
    const PointYX top{parabola_top(at(-1, 0), here, at(1, 0)), parabola_top(at(0, -1), here, at(0, 1))};
    best.y = std::clamp(best.y + top.y * h.y, -limit_A, limit_A);
    best.x = std::clamp(best.x + top.x * h.x, -limit_A, limit_A);
  }
  return best;
}

}  // namespace tessera
