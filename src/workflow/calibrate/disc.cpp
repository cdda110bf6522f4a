#include "src/workflow/calibrate/disc.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/median.hpp"
#include "src/base/units.hpp"

namespace tessera {

namespace {

constexpr Index azimuths = 90;

struct Pattern {
  const std::vector<double>& mean;
  const std::vector<double>& valid;
  Index ny, nx;

  /// Between the four pixels around a place; nothing where one of them does not count.
  std::optional<double> at(double y, double x) const {
    const double y0 = std::floor(y), x0 = std::floor(x);
    if (y0 < 0 || x0 < 0 || y0 + 1 >= static_cast<double>(ny) || x0 + 1 >= static_cast<double>(nx)) return std::nullopt;
    const Index first = static_cast<Index>(y0) * nx + static_cast<Index>(x0);
    double sum = 0;
    for (const auto& [offset, weight] : {std::pair{Index{0}, (1 - y + y0) * (1 - x + x0)},
                                         {Index{1}, (1 - y + y0) * (x - x0)},
                                         {nx, (y - y0) * (1 - x + x0)},
                                         {nx + 1, (y - y0) * (x - x0)}}) {
      if (valid[static_cast<std::size_t>(first + offset)] == 0) return std::nullopt;
      sum += weight * mean[static_cast<std::size_t>(first + offset)];
    }
    return sum;
  }
};

struct RimPoint {
  double azimuth_rad;
  double radius_px;
};

/// How far the detector reaches from a place along a ray [radii], up to `most`.
double reach(const Pattern& pattern, const PointYX& centre, double radius, double azimuth_rad, double most) {
  const auto along = [&](double at, double slope, Index n) {
    const double edge = static_cast<double>(n - 1) - 1e-6;
    return slope > 0 ? (edge - at) / slope : slope < 0 ? at / -slope : most * radius;
  };
  return std::min({most, along(centre.y, std::sin(azimuth_rad), pattern.ny) / radius,
                   along(centre.x, std::cos(azimuth_rad), pattern.nx) / radius});
}

/// The rim along one ray.
std::optional<double> rim_along(const Pattern& pattern, const PointYX& centre, double radius, double azimuth_rad) {
  constexpr double from = 0.6, most = 1.4, least = 1.1, inside = 0.85;
  constexpr int samples = 64;
  const double to = reach(pattern, centre, radius, azimuth_rad, most);
  if (to < least) return std::nullopt;
  const double outside = 1 + 0.4 * (to - 1);
  const double step = (to - from) / samples;
  double in = 0, out = 0, all = 0;
  int n_in = 0, n_out = 0;
  for (int i = 0; i < samples; ++i) {
    const double r = from + (i + 0.5) * step;
    const auto value =
        pattern.at(centre.y + r * radius * std::sin(azimuth_rad), centre.x + r * radius * std::cos(azimuth_rad));
    if (!value) return std::nullopt;
    all += *value * step;
    if (r < inside) in += *value, ++n_in;
    if (r > outside) out += *value, ++n_out;
  }
  in /= n_in;
  out /= n_out;
  if (in <= out) return std::nullopt;
  return radius * (from + (all - out * (to - from)) / (in - out));
}

std::vector<RimPoint> rim_of(const Pattern& pattern, const PointYX& centre, double radius) {
  std::vector<RimPoint> rim;
  std::vector<double> radii;
  for (Index i = 0; i < azimuths; ++i) {
    const double azimuth_rad = 2 * pi * static_cast<double>(i) / azimuths;
    const auto r = rim_along(pattern, centre, radius, azimuth_rad);
    if (!r) continue;
    rim.push_back({azimuth_rad, *r});
    radii.push_back(*r);
  }
  if (rim.size() < 4) return {};
  const double middle = median(radii);
  for (double& r : radii) r = std::abs(r - middle);
  const double spread = std::max(median(radii), 1e-3 * middle);
  std::erase_if(rim, [&](const RimPoint& p) { return std::abs(p.radius_px - middle) > 5 * spread; });
  return rim;
}

/// Least squares of r = c0 + c1 cos + c2 sin + c3 cos 2 + c4 sin 2, by Gauss elimination of the normal equations.
struct Harmonics {
  std::array<double, 5> c{};
  std::array<double, 5> error{};
  double rms = 0;
};

std::array<double, 5> basis(double phi) {
  return {1, std::cos(phi), std::sin(phi), std::cos(2 * phi), std::sin(2 * phi)};
}

Harmonics fit_harmonics(const std::vector<RimPoint>& rim) {
  std::array<std::array<double, 11>, 5> rows{};  // the matrix, the right-hand side, and the unit matrix: its inverse
  for (const RimPoint& p : rim) {
    const auto b = basis(p.azimuth_rad);
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 5; ++j) rows[i][j] += b[i] * b[j];
      rows[i][5] += b[i] * p.radius_px;
    }
  }
  for (std::size_t i = 0; i < 5; ++i) rows[i][6 + i] = 1;
  for (std::size_t i = 0; i < 5; ++i) {
    const double pivot = rows[i][i];  // positive: more than half of the azimuths are there
    for (double& value : rows[i]) value /= pivot;
    for (std::size_t k = 0; k < 5; ++k) {
      if (k == i) continue;
      const double factor = rows[k][i];
      for (std::size_t j = 0; j < 11; ++j) rows[k][j] -= factor * rows[i][j];
    }
  }
  Harmonics fit;
  for (std::size_t i = 0; i < 5; ++i) fit.c[i] = rows[i][5];
  double squares = 0;
  for (const RimPoint& p : rim) {
    const auto b = basis(p.azimuth_rad);
    double r = p.radius_px;
    for (std::size_t i = 0; i < 5; ++i) r -= fit.c[i] * b[i];
    squares += r * r;
  }
  fit.rms = std::sqrt(squares / static_cast<double>(rim.size() - 5));
  // Rays that are closer than a pixel at the rim share pixels: their errors are not independent.
  const double rays_a_pixel = std::max(1.0, azimuths / (2 * pi * fit.c[0]));
  for (std::size_t i = 0; i < 5; ++i) fit.error[i] = fit.rms * std::sqrt(rows[i][6 + i] * rays_a_pixel);
  return fit;
}

}  // namespace

double Disc::ellipticity() const { return 2 * std::hypot(e_cos, e_sin); }

double Disc::long_over_short() const { return (2 + ellipticity()) / (2 - ellipticity()); }

double Disc::longest_deg() const { return std::atan2(e_sin, e_cos) / 2 / units::rad_per_degree; }

std::optional<Disc> fit_disc(const std::vector<double>& mean, const std::vector<double>& valid, Index ny, Index nx,
                             const PointYX& centre_px, double radius_px) {
  const Pattern pattern{mean, valid, ny, nx};
  Disc disc{.centre_px = centre_px, .radius_px = radius_px};
  for (int round = 0; round < 8; ++round) {
    const std::vector<RimPoint> rim = rim_of(pattern, disc.centre_px, disc.radius_px);
    if (static_cast<Index>(rim.size()) < azimuths / 2) return std::nullopt;
    const Harmonics fit = fit_harmonics(rim);
    if (fit.c[0] < 0.5 || fit.rms > 0.2 * fit.c[0]) return std::nullopt;
    disc.centre_px = {disc.centre_px.y + fit.c[2], disc.centre_px.x + fit.c[1]};
    disc.radius_px = fit.c[0];
    disc.e_cos = fit.c[3] / fit.c[0];
    disc.e_sin = fit.c[4] / fit.c[0];
    disc.centre_error_px = std::max(fit.error[1], fit.error[2]);
    disc.radius_error_px = fit.error[0];
    disc.e_error = std::hypot(fit.error[3], fit.error[4]) / fit.c[0];
    if (std::hypot(fit.c[1], fit.c[2]) < 1e-3) break;
  }
  return disc;
}

}  // namespace tessera
