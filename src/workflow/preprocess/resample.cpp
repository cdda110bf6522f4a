#include "src/workflow/preprocess/resample.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/geometry/matrix2.hpp"

namespace tessera {

namespace {

constexpr double negligible = 1e-9;  // of a pixel: what rounding leaves of areas
constexpr double most_stretch = 16;  // of a pixel's side: no camera does that, and cuts would be without number

using Polygon = std::vector<PointYX>;

/// Twice the area, positive where the corners go round from y towards x.
double signed_area(const Polygon& corners) {
  double sum = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const PointYX &a = corners[i], &b = corners[(i + 1) % corners.size()];
    sum += a.y * b.x - a.x * b.y;
  }
  return sum / 2;
}

/// The part of a polygon where side (axis - at) >= 0 (Sutherland and Hodgman, 1974).
void cut(const Polygon& from, double PointYX::*axis, double at, double side, Polygon& rest) {
  rest.clear();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const PointYX &a = from[i], &b = from[(i + 1) % from.size()];
    const double da = side * (a.*axis - at), db = side * (b.*axis - at);
    if (da >= 0) rest.push_back(a);
    if ((da >= 0) == (db >= 0)) continue;
    const double t = da / (da - db);
    rest.push_back({a.y + t * (b.y - a.y), a.x + t * (b.x - a.x)});
  }
}

/// Area of a polygon within the pixel (y, x).
double area_within(const Polygon& corners, Index y, Index x, Polygon& work, Polygon& rest) {
  const double cy = static_cast<double>(y), cx = static_cast<double>(x);
  cut(corners, &PointYX::y, cy - 0.5, 1, work);
  cut(work, &PointYX::y, cy + 0.5, -1, rest);
  cut(rest, &PointYX::x, cx - 0.5, 1, work);
  cut(work, &PointYX::x, cx + 0.5, -1, rest);
  return rest.size() < 3 ? 0 : std::abs(signed_area(rest));
}

/// New pixels that hold something, from their first to their last, along one axis.
struct Kept {
  Index first, last;
};

/// Maps points of the raw detector to new pixels.
class Mapping {
 public:
  explicit Mapping(const DetectorGeometry& geometry) : geometry_(geometry) {
    const bool even = geometry.bin % 2 == 0;
    edge_ = geometry.whole_pixels() && even ? -0.5 : 0;  // so that raw pixels do not lie across the edge of a sum
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const Index sums = geometry.crop[axis] / geometry.bin, first = geometry.shape[axis] / 2 - sums / 2;
      kept_[axis] = {std::max<Index>(0, first), std::min(geometry.shape[axis], first + sums)};
    }
  }
  const Kept& kept(std::size_t axis) const { return kept_[axis]; }
  double bin() const { return static_cast<double>(geometry_.bin); }
  PointYX operator()(double y, double x) const {
    const PointYX p = geometry_.undistort ? geometry_.undistort({y, x}) : PointYX{y, x};
    const PointYX q = mapped(geometry_.turn, {p.y - geometry_.centre_px.y, p.x - geometry_.centre_px.x});
    const auto bin = static_cast<double>(geometry_.bin);
    const Index my = geometry_.shape[0] / 2, mx = geometry_.shape[1] / 2;
    return {(q.y + edge_) / bin + static_cast<double>(my), (q.x + edge_) / bin + static_cast<double>(mx)};
  }

 private:
  const DetectorGeometry& geometry_;
  double edge_;
  std::array<Kept, 2> kept_{};
};

struct Entry {
  Index to, from;
  double weight;
};

/// Shares one raw pixel out.
class Sharer {
 public:
  Sharer(const Mapping& mapping, Index nx) : mapping_(mapping), nx_(nx) {}

  /// Calls use(pixel, share of the raw pixel, share of the new pixel).
  template <class Use>
  void share(Index y, Index x, const Use& use) {
    const double cy = static_cast<double>(y), cx = static_cast<double>(x);
    corners_ = {mapping_(cy - 0.5, cx - 0.5), mapping_(cy - 0.5, cx + 0.5), mapping_(cy + 0.5, cx + 0.5),
                mapping_(cy + 0.5, cx - 0.5)};
    const double area = signed_area(corners_);
    const bool folded = !(std::abs(area) > negligible) || area * sign_ < 0;
    if (folded || !(longest_side() * mapping_.bin() < most_stretch))
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("preprocess.distortion folds or tears the detector at pixel ({}, {}): its displacements are "
                      "too steep; check their sign and unit, or use a smaller degree",
                      y, x));
    sign_ = area;
    const auto [low_y, high_y] = range(&PointYX::y, mapping_.kept(0));
    const auto [low_x, high_x] = range(&PointYX::x, mapping_.kept(1));
    for (Index to_y = low_y; to_y < high_y; ++to_y)
      for (Index to_x = low_x; to_x < high_x; ++to_x) {
        const double within = area_within(corners_, to_y, to_x, work_, rest_), part = within / std::abs(area);
        if (part < negligible) continue;
        use(to_y * nx_ + to_x, part > 1 - negligible ? 1 : part, within);
      }
  }

 private:
  double longest_side() const {
    double longest = 0;
    for (std::size_t i = 0; i < 4; ++i)
      longest = std::max(longest,
                         std::hypot(corners_[i].y - corners_[(i + 1) % 4].y, corners_[i].x - corners_[(i + 1) % 4].x));
    return longest;
  }
  std::pair<Index, Index> range(double PointYX::*axis, const Kept& kept) const {
    double low = corners_[0].*axis, high = low;
    for (const PointYX& corner : corners_) {
      low = std::min(low, corner.*axis);
      high = std::max(high, corner.*axis);
    }
    // Bounded before they become whole numbers: a given map may point anywhere.
    const auto bounded = [&](double value) {
      return static_cast<Index>(std::clamp(value, static_cast<double>(kept.first), static_cast<double>(kept.last)));
    };
    return {bounded(std::floor(low + 0.5)), bounded(std::ceil(high + 0.5))};
  }

  const Mapping& mapping_;
  Index nx_;
  double sign_ = 0;
  Polygon corners_, work_, rest_;
};

}  // namespace

bool DetectorGeometry::whole_pixels() const {
  const auto whole = [](double value) { return value == std::round(value); };
  return !undistort && std::ranges::all_of(turn, whole) && whole(centre_px.y) && whole(centre_px.x);
}

bool DetectorGeometry::identity() const {
  const Index my = ny / 2, mx = nx / 2;
  return !undistort && turn == std::array<double, 4>{1, 0, 0, 1} && bin == 1 && crop == shape &&
         shape == std::array{ny, nx} && centre_px.y == static_cast<double>(my) &&
         centre_px.x == static_cast<double>(mx);
}

std::array<double, 4> rotation(double angle_rad) {
  const double quarters = angle_rad / (pi / 2), whole = std::round(quarters);
  double c = std::cos(angle_rad), s = std::sin(angle_rad);
  if (std::abs(quarters - whole) < negligible) {
    c = std::round(c);
    s = std::round(s);
  }
  return {c, s, -s, c};
}

std::array<double, 4> round_ellipse(double ratio, double angle_rad) {
  const double along = 1 / std::sqrt(ratio), across = std::sqrt(ratio);
  const double c = std::cos(angle_rad), s = std::sin(angle_rad);
  // The long axis points along (y, x) = (s, c).
  return {along * s * s + across * c * c, (along - across) * s * c, (along - across) * s * c,
          along * c * c + across * s * s};
}

DetectorGeometry make_geometry(const PreprocessOptions& steps, std::array<Index, 2> raw, const PointYX& centre_px,
                               const std::array<double, 4>& ellipse, std::function<PointYX(const PointYX&)> undistort) {
  DetectorGeometry geometry{.ny = raw[0], .nx = raw[1], .centre_px = centre_px, .undistort = std::move(undistort)};
  geometry.turn = product(rotation(steps.rotation_rad), ellipse);
  geometry.crop = steps.crop_px.value_or(raw);
  geometry.bin = steps.bin;
  const std::array<Index, 2> sums = {geometry.crop[0] / steps.bin, geometry.crop[1] / steps.bin};
  geometry.shape = steps.pad_px.value_or(sums);
  const auto whole = [](double value) { return value == std::round(value); };
  if (!geometry.undistort && std::ranges::all_of(geometry.turn, whole))
    geometry.centre_px = {std::round(centre_px.y), std::round(centre_px.x)};
  return geometry;
}

void Resampler::apply(std::span<const double> raw, std::span<double> pattern) const {
  for (std::size_t k = 0; k < pattern.size(); ++k) {
    double sum = 0;
    for (Index e = start[k]; e < start[k + 1]; ++e) sum += weight[e] * raw[from[e]];
    pattern[k] = sum;
  }
}

Resampler make_resampler(const DetectorGeometry& geometry, std::span<const double> valid) {
  constexpr double enough = 0.999;
  const Mapping mapping(geometry);
  Sharer sharer(mapping, geometry.shape[1]);
  std::vector<Entry> entries;
  const auto pixels = static_cast<std::size_t>(geometry.shape[0] * geometry.shape[1]);
  std::vector<double> covered(pixels, 0.0);
  Resampler made;
  made.start.assign(pixels + 1, 0);
  for (Index y = 0; y < geometry.ny; ++y)
    for (Index x = 0; x < geometry.nx; ++x)
      sharer.share(y, x, [&](Index to, double of_raw, double of_new) {
        const Index from = y * geometry.nx + x;
        if (valid[from] == 0) return;
        covered[to] += of_new;
        entries.push_back({to, from, of_raw});
        made.whole = made.whole && of_raw == 1;
        ++made.start[to + 1];
      });
  for (std::size_t k = 0; k < pixels; ++k) {
    made.start[k + 1] += made.start[k];
    made.valid.push_back(covered[k] >= enough ? 1 : 0);
  }
  made.from.resize(entries.size());
  made.weight.resize(entries.size());
  std::vector<Index> next(made.start.begin(), made.start.end() - 1);
  for (const Entry& entry : entries) {
    const Index place = next[entry.to]++;
    made.from[place] = entry.from;
    made.weight[place] = entry.weight;
  }
  return made;
}

}  // namespace tessera
