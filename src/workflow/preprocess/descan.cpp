#include "src/workflow/preprocess/descan.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "src/base/median.hpp"
#include "src/workflow/preprocess/exact_sums.hpp"

namespace tessera {

namespace {

double distance(Index pixel, Index nx, const PointYX& centre) {
  const Index row = pixel / nx, column = pixel % nx;
  return std::hypot(static_cast<double>(row) - centre.y, static_cast<double>(column) - centre.x);
}

/// The disc, its wander, and as much background.
double reach_of(const DiscFit& disc) { return 1.5 * disc.radius_px + 2; }

double between(double value, double low, double high) { return high > low ? 2 * (value - low) / (high - low) - 1 : 0; }

}  // namespace

std::vector<PointYX> scan_coordinates(const PreprocessInput& input) {
  std::vector<PointYX> places;
  if (input.scan.size() == 2) {
    for (Index y = 0; y < input.scan[0]; ++y)
      for (Index x = 0; x < input.scan[1]; ++x)
        places.push_back({between(static_cast<double>(y), 0, static_cast<double>(input.scan[0] - 1)),
                          between(static_cast<double>(x), 0, static_cast<double>(input.scan[1] - 1))});
    return places;
  }
  if (input.positions_A.empty())
    throw InputError(ExitCode::run_file,
                     "preprocess.descan needs to know where patterns lie in the scan: data.positions, or patterns (Ry, "
                     "Rx, Ky, Kx)",
                     true);
  PointYX low = input.positions_A.front(), high = low;
  for (const PointYX& p : input.positions_A) {
    low = {std::min(low.y, p.y), std::min(low.x, p.x)};
    high = {std::max(high.y, p.y), std::max(high.x, p.x)};
  }
  for (const PointYX& p : input.positions_A)
    places.push_back({between(p.y, low.y, high.y), between(p.x, low.x, high.x)});
  return places;
}

DescanSums descan_sums(std::span<const double> counts, std::span<const double> valid, Index nx, const DiscFit& disc,
                       double reach_px, const PointYX& scan) {
  double light = 0, y = 0, x = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto pixel = static_cast<Index>(i);
    if (valid[i] == 0 || distance(pixel, nx, disc.centre_px) > reach_px) continue;
    const Index row = pixel / nx, column = pixel % nx;
    light += counts[i];
    y += counts[i] * (static_cast<double>(row) - disc.centre_px.y);
    x += counts[i] * (static_cast<double>(column) - disc.centre_px.x);
  }
  const double sy = scan.y, sx = scan.x;
  return {light,  light * sy, light * sx, light * sy * sy, light * sy * sx, light * sx * sx, y,
          y * sy, y * sx,     x,          x * sy,          x * sx};
}

DescanPlane descan_plane(const DescanSums& sums, double in_disc) {
  Eigen::Matrix3d normal;
  normal << sums[0], sums[1], sums[2], sums[1], sums[3], sums[4], sums[2], sums[4], sums[5];
  // A scan of one line says nothing of the other axis: the shortest solution leaves that at zero.
  const Eigen::CompleteOrthogonalDecomposition<Eigen::Matrix3d> solver(normal);
  const Eigen::Vector3d y = solver.solve(Eigen::Vector3d(sums[6], sums[7], sums[8]));
  const Eigen::Vector3d x = solver.solve(Eigen::Vector3d(sums[9], sums[10], sums[11]));
  return {{y[1] / in_disc, y[2] / in_disc, x[1] / in_disc, x[2] / in_disc}};
}

double share_in_disc(std::span<const double> mean, std::span<const double> valid, Index nx, const DiscFit& disc,
                     double reach_px) {
  std::vector<double> around;
  double all = 0, pixels = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double r = distance(static_cast<Index>(i), nx, disc.centre_px);
    if (valid[i] == 0 || r > reach_px) continue;
    all += mean[i];
    pixels += 1;
    if (r > 1.25 * disc.radius_px) around.push_back(mean[i]);
  }
  constexpr double least = 0.1;
  return all > 0 ? std::max(least, 1 - median(std::move(around)) * pixels / all) : 1;
}

DescanPlane find_descan(const Comm& comm, PatternReader& reader, const PreprocessInput& input,
                        const Correction& correction, const RoundPlan& plan, const PatternStatistics& statistics,
                        const DiscFit& disc) {
  const std::vector<PointYX> scan = scan_coordinates(input);
  const double reach = reach_of(disc);
  double light = 1;
  for (const double value : statistics.mean) light += std::abs(value);
  ExactSums sums(DescanSums{}.size(), light * reach);
  std::vector<double> counts(static_cast<std::size_t>(input.pixel_count()));
  const auto use = [&](Index position, const std::byte* raw) {
    correct_pattern(
        correction, raw, [&] { return fmt::format("pattern {}", input.patterns[position]); }, counts);
    const DescanSums one = descan_sums(counts, correction.valid, input.nx, disc, reach, scan[position]);
    for (std::size_t i = 0; i < one.size(); ++i) sums.add(i, one[i]);
  };
  stream_patterns(comm, reader, input, plan, {.begin = {}, .use = use, .done = {}});
  const std::vector<double> total = sums.total(comm);
  DescanSums all{};
  std::ranges::copy(total, all.begin());
  return descan_plane(all, share_in_disc(statistics.mean, correction.valid, input.nx, disc, reach));
}

std::vector<PixelShift> descan_shifts(const DescanPlane& plane, std::span<const PointYX> scan) {
  std::vector<PixelShift> shifts;
  shifts.reserve(scan.size());
  for (const PointYX& place : scan) {
    const PointYX moved = plane.at(place);
    shifts.push_back({static_cast<Index>(std::lround(moved.y)), static_cast<Index>(std::lround(moved.x))});
  }
  return shifts;
}

}  // namespace tessera
