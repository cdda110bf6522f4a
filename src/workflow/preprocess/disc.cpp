#include "src/workflow/preprocess/disc.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/median.hpp"
#include "src/workflow/input/pattern_facts.hpp"

namespace tessera {

namespace {

struct MeanPattern {
  std::span<const double> values, valid;
  Index ny, nx;

  /// Bilinear; nothing outside or beside a bad pixel.
  std::optional<double> at(double y, double x) const {
    const double fy = std::floor(y), fx = std::floor(x);
    const auto iy = static_cast<Index>(fy), ix = static_cast<Index>(fx);
    if (iy < 0 || ix < 0 || iy + 1 >= ny || ix + 1 >= nx) return std::nullopt;
    double sum = 0;
    for (const Index dy : {0, 1})
      for (const Index dx : {0, 1}) {
        const Index i = (iy + dy) * nx + ix + dx;
        if (valid[i] == 0) return std::nullopt;
        sum += values[i] * (dy == 1 ? y - fy : 1 - y + fy) * (dx == 1 ? x - fx : 1 - x + fx);
      }
    return sum;
  }
  /// Median of the valid pixels at distances [inner, outer).
  double median_between(const PointYX& centre, double inner, double outer) const {
    std::vector<double> found;
    for (Index y = 0; y < ny; ++y)
      for (Index x = 0; x < nx; ++x) {
        const double r = std::hypot(static_cast<double>(y) - centre.y, static_cast<double>(x) - centre.x);
        if (valid[y * nx + x] != 0 && r >= inner && r < outer) found.push_back(values[y * nx + x]);
      }
    return median(std::move(found));
  }
};

/// A point of the rim as seen from a centre.
struct RimPoint {
  double angle_rad, distance_px;
};

std::vector<RimPoint> rim(const MeanPattern& pattern, const PointYX& centre, double radius, double level) {
  constexpr double step = 0.25, beyond = 1.6, within = 0.4;
  const int rays = std::max(64, static_cast<int>(4 * radius));
  std::vector<RimPoint> points;
  for (int ray = 0; ray < rays; ++ray) {
    const double angle = 2 * pi * ray / rays;
    std::optional<double> outer;
    // From outside inwards; a gap in the detector is passed over.
    for (double r = beyond * radius + 2; r > within * radius; r -= step) {
      const auto value = pattern.at(centre.y + r * std::sin(angle), centre.x + r * std::cos(angle));
      if (outer && value && *outer < level && *value >= level) {
        points.push_back({angle, r + step * (*value - level) / (*value - *outer)});
        break;
      }
      outer = value;
    }
  }
  return points;
}

/// Least squares of columns on values, without points beyond three robust standard deviations; what remains scatters by
/// `scatter`.
Eigen::VectorXd robust_fit(const Eigen::MatrixXd& columns, const Eigen::VectorXd& values, std::vector<bool>& kept) {
  Eigen::VectorXd solution;
  kept.assign(static_cast<std::size_t>(values.size()), true);
  for (int round = 0; round < 4; ++round) {
    const auto n = std::ranges::count(kept, true);
    Eigen::MatrixXd a(n, columns.cols());
    Eigen::VectorXd b(n);
    Eigen::Index row = 0;
    for (Eigen::Index i = 0; i < values.size(); ++i)
      if (kept[static_cast<std::size_t>(i)]) {
        a.row(row) = columns.row(i);
        b[row++] = values[i];
      }
    solution = a.colPivHouseholderQr().solve(b);
    const Eigen::VectorXd away = (columns * solution - values).cwiseAbs();
    std::vector<double> distances(static_cast<std::size_t>(away.size()));
    std::copy_n(away.data(), away.size(), distances.begin());
    const double spread = 1.4826 * median(std::move(distances));
    for (Eigen::Index i = 0; i < values.size(); ++i)
      kept[static_cast<std::size_t>(i)] = away[i] <= std::max(3 * spread, 1e-9);
  }
  return solution;
}

/// By how much the rim's centre lies beside the point that it was seen from.
PointYX first_harmonic(const std::vector<RimPoint>& points) {
  Eigen::MatrixXd columns(static_cast<Eigen::Index>(points.size()), 5);
  Eigen::VectorXd distances(columns.rows());
  for (Eigen::Index i = 0; i < columns.rows(); ++i) {
    const double a = points[static_cast<std::size_t>(i)].angle_rad;
    columns.row(i) << 1, std::cos(a), std::sin(a), std::cos(2 * a), std::sin(2 * a);
    distances[i] = points[static_cast<std::size_t>(i)].distance_px;
  }
  std::vector<bool> kept;
  const Eigen::VectorXd found = robust_fit(columns, distances, kept);
  return {found[2], found[1]};
}

/// A x^2 + B x y + C y^2 = 1 through the points.
void fit_conic(const std::vector<RimPoint>& points, DiscFit& fit) {
  Eigen::MatrixXd columns(static_cast<Eigen::Index>(points.size()), 3);
  for (Eigen::Index i = 0; i < columns.rows(); ++i) {
    const RimPoint& p = points[static_cast<std::size_t>(i)];
    const double y = p.distance_px * std::sin(p.angle_rad), x = p.distance_px * std::cos(p.angle_rad);
    columns.row(i) << x * x, x * y, y * y;
  }
  std::vector<bool> kept;
  const Eigen::VectorXd conic = robust_fit(columns, Eigen::VectorXd::Ones(columns.rows()), kept);
  Eigen::Matrix2d form;
  form << conic[0], conic[1] / 2, conic[1] / 2, conic[2];
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d> axes(form);
  const double small = axes.eigenvalues()[0], large = axes.eigenvalues()[1];
  if (!(small > 0)) {
    fit.rays = 0;
    return;
  }
  fit.radius_px = std::pow(small * large, -0.25);
  fit.ratio = std::sqrt(large / small);
  const Eigen::Vector2d axis = axes.eigenvectors().col(0);
  const double angle = std::atan2(axis[1], axis[0]);
  fit.angle_rad = angle >= pi / 2 ? angle - pi : angle < -pi / 2 ? angle + pi : angle;
  double squares = 0;
  for (Eigen::Index i = 0; i < columns.rows(); ++i) {
    if (!kept[static_cast<std::size_t>(i)]) continue;
    ++fit.rays;
    const double distance = points[static_cast<std::size_t>(i)].distance_px;
    squares += std::pow(distance * (1 - 1 / std::sqrt(columns.row(i).dot(conic))), 2);
  }
  fit.scatter_px = std::sqrt(squares / static_cast<double>(std::max<Index>(1, fit.rays)));
}

}  // namespace

double DiscFit::error_px() const { return scatter_px * std::sqrt(2 / static_cast<double>(std::max<Index>(1, rays))); }

std::optional<DiscFit> fit_disc(std::span<const double> mean, std::span<const double> valid, Index ny, Index nx,
                                double patterns) {
  constexpr int recentrings = 8;
  constexpr std::size_t least_points = 32;
  PatternSample sum{.ny = ny, .nx = nx, .values = {mean.begin(), mean.end()}};
  for (double& value : sum.values) value *= patterns;
  const auto disc = pattern_facts(sum, {valid.begin(), valid.end()}, 1).disc;
  if (!disc || disc->radius_y_px <= 0) return std::nullopt;
  const MeanPattern pattern{mean, valid, ny, nx};
  const double radius = (disc->radius_y_px + disc->radius_x_px) / 2;
  DiscFit fit{.centre_px = disc->centre_px};
  const double inside = pattern.median_between(fit.centre_px, 0, 0.7 * radius);
  const double outside = pattern.median_between(fit.centre_px, 1.3 * radius, 1.8 * radius + 2);
  const double level = (inside + outside) / 2;
  std::vector<RimPoint> points;
  for (int i = 0; i < recentrings; ++i) {
    points = rim(pattern, fit.centre_px, radius, level);
    if (points.size() < least_points) return std::nullopt;
    const PointYX away = first_harmonic(points);
    fit.centre_px = {fit.centre_px.y + away.y, fit.centre_px.x + away.x};
    if (std::hypot(away.y, away.x) < 1e-3) break;
  }
  fit_conic(points, fit);
  const bool on_detector = fit.centre_px.y >= 0 && fit.centre_px.x >= 0 && fit.centre_px.y < static_cast<double>(ny) &&
                           fit.centre_px.x < static_cast<double>(nx);
  if (fit.rays < static_cast<Index>(least_points) || !on_detector) return std::nullopt;
  return fit;
}

}  // namespace tessera
