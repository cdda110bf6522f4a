#include "src/workflow/preprocess/distortion.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <memory>

#include "src/base/error.hpp"
#include "src/base/median.hpp"

namespace tessera {

namespace {

struct Disc {
  double light = 0, y = 0, x = 0;
  Index pixels = 0;
  bool at_border = false;
};

/// The connected pixels above `level` from `first` on; they are marked.
Disc flood(std::span<const double> picture, Index ny, Index nx, double level, Index first, std::vector<char>& seen) {
  Disc disc;
  std::vector<Index> edge{first};
  seen[static_cast<std::size_t>(first)] = 1;
  while (!edge.empty()) {
    const Index i = edge.back(), y = i / nx, x = i % nx;
    edge.pop_back();
    const double light = picture[i] - level;
    disc.light += light;
    disc.y += light * static_cast<double>(y);
    disc.x += light * static_cast<double>(x);
    ++disc.pixels;
    if (y == 0 || x == 0 || y + 1 == ny || x + 1 == nx) {
      disc.at_border = true;
      continue;
    }
    for (const Index next : {i - nx, i - 1, i + 1, i + nx})
      if (picture[next] > level && seen[static_cast<std::size_t>(next)] == 0) {
        seen[static_cast<std::size_t>(next)] = 1;
        edge.push_back(next);
      }
  }
  return disc;
}

/// Powers y^i x^j with i + j <= degree, of coordinates about the detector's middle in halves of its longer side.
class Powers {
 public:
  Powers(int degree, Index ny, Index nx)
      : degree_(degree),
        middle_{static_cast<double>(ny - 1) / 2, static_cast<double>(nx - 1) / 2},
        half_(static_cast<double>(std::max(ny, nx)) / 2) {}
  Eigen::Index count() const { return static_cast<Eigen::Index>((degree_ + 1) * (degree_ + 2) / 2); }
  Eigen::RowVectorXd of(const PointYX& p) const {
    const double y = (p.y - middle_.y) / half_, x = (p.x - middle_.x) / half_;
    Eigen::RowVectorXd row(count());
    Eigen::Index k = 0;
    for (int i = 0; i <= degree_; ++i)
      for (int j = 0; i + j <= degree_; ++j) row[k++] = std::pow(y, i) * std::pow(x, j);
    return row;
  }

 private:
  int degree_;
  PointYX middle_;
  double half_;
};

struct Pair {
  PointYX seen, belongs;
};

std::size_t nearest(std::span<const PointYX> points, const PointYX& to) {
  const auto away = [&](const PointYX& p) { return std::hypot(p.y - to.y, p.x - to.x); };
  return static_cast<std::size_t>(std::ranges::min_element(points, {}, away) - points.begin());
}

/// Pairs that are each other's nearest.
std::vector<Pair> pairs_of(std::span<const PointYX> reference, std::span<const PointYX> distorted,
                           const Undistort& undistort) {
  std::vector<PointYX> moved;
  for (const PointYX& p : distorted) moved.push_back(undistort(p));
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < distorted.size(); ++i) {
    const std::size_t j = nearest(reference, moved[i]);
    if (nearest(moved, reference[j]) == i) pairs.push_back({distorted[i], reference[j]});
  }
  return pairs;
}

Undistort fit_polynomial(const std::vector<Pair>& pairs, const Powers& powers) {
  if (static_cast<Eigen::Index>(pairs.size()) < powers.count() + 2)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("preprocess.distortion: {} discs are seen in both pictures, but {} numbers are to be "
                                 "found along each axis; use a smaller degree, or more discs that stand apart",
                                 pairs.size(), powers.count()));
  Eigen::MatrixXd columns(static_cast<Eigen::Index>(pairs.size()), powers.count());
  Eigen::MatrixXd displacement(columns.rows(), 2);
  for (Eigen::Index i = 0; i < columns.rows(); ++i) {
    const Pair& pair = pairs[static_cast<std::size_t>(i)];
    columns.row(i) = powers.of(pair.seen);
    displacement.row(i) << pair.belongs.y - pair.seen.y, pair.belongs.x - pair.seen.x;
  }
  const Eigen::MatrixXd found = columns.colPivHouseholderQr().solve(displacement);
  return [found, powers](const PointYX& p) {
    const Eigen::RowVector2d moved = powers.of(p) * found;
    return PointYX{p.y + moved[0], p.x + moved[1]};
  };
}

PointYX mean_of(std::span<const PointYX> points) {
  PointYX mean;
  for (const PointYX& p : points) {
    mean.y += p.y / static_cast<double>(points.size());
    mean.x += p.x / static_cast<double>(points.size());
  }
  return mean;
}

}  // namespace

std::vector<PointYX> find_discs(std::span<const double> picture, Index ny, Index nx) {
  std::vector<double> sorted(picture.begin(), picture.end());
  std::ranges::sort(sorted);
  const double dark = sorted[sorted.size() / 2], bright = sorted[sorted.size() - 1 - sorted.size() / 100];
  if (!(bright > dark)) return {};
  const double level = (dark + bright) / 2;
  std::vector<char> seen(picture.size(), 0);
  std::vector<Disc> discs;
  std::vector<double> sizes;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    if (picture[i] <= level || seen[i] != 0) continue;
    discs.push_back(flood(picture, ny, nx, level, static_cast<Index>(i), seen));
    if (discs.back().pixels > 1) sizes.push_back(static_cast<double>(discs.back().pixels));
  }
  const double usual = median(std::move(sizes));
  std::vector<PointYX> centres;
  for (const Disc& disc : discs)
    if (!disc.at_border && static_cast<double>(disc.pixels) > usual / 3)
      centres.push_back({disc.y / disc.light, disc.x / disc.light});
  return centres;
}

DistortionFit fit_distortion(std::span<const PointYX> reference, std::span<const PointYX> distorted, int degree,
                             Index ny, Index nx) {
  if (reference.empty() || distorted.empty())
    throw InputError(ExitCode::data_wrong, "preprocess.distortion: no disc stands out in one of the pictures");
  const PointYX to = mean_of(reference), from = mean_of(distorted);
  DistortionFit fit;
  fit.undistort = [to, from](const PointYX& p) { return PointYX{p.y + to.y - from.y, p.x + to.x - from.x}; };
  std::vector<Pair> pairs;
  for (int now = 1; now <= degree + 2; ++now) {
    pairs = pairs_of(reference, distorted, fit.undistort);
    fit.undistort = fit_polynomial(pairs, Powers(std::min(now, degree), ny, nx));
  }
  fit.discs = static_cast<Index>(pairs.size());
  for (const Pair& pair : pairs) {
    const PointYX moved = fit.undistort(pair.seen);
    const double left = std::hypot(moved.y - pair.belongs.y, moved.x - pair.belongs.x);
    fit.scatter_px += left * left / static_cast<double>(pairs.size());
    fit.largest_px = std::max(fit.largest_px, std::hypot(pair.belongs.y - pair.seen.y, pair.belongs.x - pair.seen.x));
  }
  fit.scatter_px = std::sqrt(fit.scatter_px);
  return fit;
}

Undistort map_distortion(std::vector<double> displacement_px, Index ny, Index nx) {
  const auto widest = static_cast<double>(std::max(ny, nx));
  for (std::size_t i = 0; i < displacement_px.size(); ++i)
    if (!(std::abs(displacement_px[i]) <= widest))
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("preprocess.distortion.map moves pixel ({}, {}) by {} pixels, more than the detector "
                      "is wide",
                      static_cast<Index>(i) / nx % ny, static_cast<Index>(i) % nx, displacement_px[i]));
  const auto map = std::make_shared<const std::vector<double>>(std::move(displacement_px));
  return [map, ny, nx](const PointYX& p) {
    const double y = std::clamp(p.y, 0.0, static_cast<double>(ny - 1)),
                 x = std::clamp(p.x, 0.0, static_cast<double>(nx - 1));
    const Index y0 = std::min(static_cast<Index>(y), std::max<Index>(0, ny - 2)),
                x0 = std::min(static_cast<Index>(x), std::max<Index>(0, nx - 2));
    const Index y1 = std::min(y0 + 1, ny - 1), x1 = std::min(x0 + 1, nx - 1);
    const double fy = y - static_cast<double>(y0), fx = x - static_cast<double>(x0);
    const auto value = [&](Index component) {
      const double* const d = map->data() + component * ny * nx;
      return (1 - fy) * ((1 - fx) * d[y0 * nx + x0] + fx * d[y0 * nx + x1]) +
             fy * ((1 - fx) * d[y1 * nx + x0] + fx * d[y1 * nx + x1]);
    };
    return PointYX{p.y + value(0), p.x + value(1)};
  };
}

}  // namespace tessera
