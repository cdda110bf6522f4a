#include "src/workflow/input/measured_positions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "io/stored_type.hpp"
#include "src/base/median.hpp"
#include "src/base/units.hpp"
#include "src/base/words.hpp"
#include "src/workflow/input/beside_patterns.hpp"

namespace tessera {

namespace {

/// Affine map about the mean, then rotation.
void orient(std::vector<PointYX>& positions_A, const ScanOptions& scan) {
  PointYX mean;
  for (const PointYX& p : positions_A) mean = {mean.y + p.y, mean.x + p.x};
  const double n = static_cast<double>(positions_A.size());
  mean = {mean.y / n, mean.x / n};
  for (PointYX& p : positions_A) {
    const double y = p.y - mean.y, x = p.x - mean.x;
    p = {mean.y + scan.affine[0] * y + scan.affine[1] * x, mean.x + scan.affine[2] * y + scan.affine[3] * x};
  }
  turn_about_mean(positions_A, scan.rotation_rad);
}

std::vector<PointYX> raster(const RunOptions& options, const std::vector<Index>& scan_shape) {
  if (!options.scan.step_A || scan_shape.size() != 2)
    throw InputError(ExitCode::run_file,
                     "data.positions is null: give a dataset of positions, or scan.step_A with four-dimensional data "
                     "(data.scan_shape makes them of a list)");
  std::vector<PointYX> positions_A;
  for (Index y = 0; y < scan_shape[0]; ++y)
    for (Index x = 0; x < scan_shape[1]; ++x)
      positions_A.push_back(
          {static_cast<double>(y) * (*options.scan.step_A)[0], static_cast<double>(x) * (*options.scan.step_A)[1]});
  return positions_A;
}

/// A file that names another unit is believed more than that its numbers are in angstrom.
void require_angstrom(const std::string& name, const std::optional<std::string>& unit) {
  constexpr std::array allowed{"",       "a",      "angstrom",           "angstroms",         "ang",
                               "\u00c5", "\u212b", "\u00e5ngstr\u00f6m", "\u00c5ngstr\u00f6m"};
  if (!unit || std::ranges::any_of(allowed, [&](const char* word) { return lower_case(*unit) == word; })) return;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{} has the units '{}'; positions are read as (y, x) in angstrom: convert them, and "
                               "let the attribute say so",
                               name, shown(*unit)));
}

void require_finite(const std::string& name, const std::vector<PointYX>& positions_A) {
  for (std::size_t i = 0; i < positions_A.size(); ++i)
    if (!std::isfinite(positions_A[i].y) || !std::isfinite(positions_A[i].x))
      throw InputError(ExitCode::data_wrong, fmt::format("{}[{}] is not a finite number", name, i));
}

/// One coordinate of all positions, as a format keeps it.
std::vector<double> read_column(const FoundPositions& found, const std::string& dataset, Index column,
                                Index positions) {
  std::vector<BesideArray> arrays{look_beside(found.file, dataset)};
  for (const std::string& further : found.further) arrays.push_back(look_beside(found.file, further));
  const std::vector<Index>& first = arrays[0].shape;
  const Index width = column < 0 || first.empty() ? 1 : first.back();
  double values = 0;  // of any shapes that a file may claim
  for (const BesideArray& array : arrays) values += static_cast<double>(element_count(array.shape));
  if (column >= width || values != static_cast<double>(positions) * static_cast<double>(width))
    throw InputError(ExitCode::data_wrong, fmt::format("{}: data.positions {} has shape {}, but there are {} patterns",
                                                       found.file, dataset, shape_text(first), positions));
  std::vector<double> coordinates;
  for (const BesideArray& array : arrays) {
    const std::vector<double> all = read_beside(array);
    for (auto i = static_cast<std::size_t>(std::max<Index>(0, column)); i < all.size();
         i += static_cast<std::size_t>(width))
      coordinates.push_back(all[i]);
  }
  return coordinates;
}

std::vector<PointYX> read_positions(const RunOptions& options, const DataShape& data,
                                    const std::optional<FoundPositions>& found) {
  const std::string& dataset = *options.data.positions;
  const std::string& file = options.data.positions_file.empty() ? options.data.file : options.data.positions_file;
  const std::string name = fmt::format("{}: data.positions {}", file, dataset);
  std::vector<PointYX> positions_A;
  if (found && !found->plain && found->file == file && found->y_dataset == dataset) {
    positions_A = found_positions(*found, data.positions());
  } else {
    const BesideArray array = look_beside(file, dataset);
    require_shape(options, data, name, array.shape, data.per_position({2}));
    require_angstrom(name, array.unit);
    const std::vector<double> values = read_beside(array);
    for (std::size_t i = 0; i < values.size(); i += 2) positions_A.push_back({values[i], values[i + 1]});
  }
  require_finite(name, positions_A);
  return positions_A;
}

[[noreturn]] void refuse(const std::string& what) { throw InputError(ExitCode::data_wrong, what, true); }

/// The position farthest from the median of all.
std::size_t farthest(std::span<const PointYX> positions_A) {
  std::vector<double> ys, xs;
  for (const PointYX& p : positions_A) {
    ys.push_back(p.y);
    xs.push_back(p.x);
  }
  const double y = median(std::move(ys)), x = median(std::move(xs));
  const auto distance = [&](const PointYX& p) { return std::hypot(p.y - y, p.x - x); };
  return static_cast<std::size_t>(std::ranges::max_element(positions_A, {}, distance) - positions_A.begin());
}

std::string place_text(const PointYX& p) { return fmt::format("({:.6g}, {:.6g}) A", p.y, p.x); }

}  // namespace

std::vector<PointYX> found_positions(const FoundPositions& found, Index n) {
  const std::vector<double> y = read_column(found, found.y_dataset, found.y_column, n);
  const std::vector<double> x = read_column(found, found.x_dataset, found.x_column, n);
  std::vector<PointYX> positions_A;
  for (std::size_t i = 0; i < y.size(); ++i) positions_A.push_back({y[i] * found.unit_A[0], x[i] * found.unit_A[1]});
  return positions_A;
}

std::vector<PointYX> measured_positions(const RunOptions& options, const DataShape& data,
                                        const std::optional<FoundPositions>& found) {
  std::vector<PointYX> positions_A =
      options.data.positions ? read_positions(options, data, found) : raster(options, data.scan);
  orient(positions_A, options.scan);
  return positions_A;
}

ScanSpan span_of(std::span<const PointYX> positions_A) {
  TESSERA_ASSERT(!positions_A.empty());
  ScanSpan span{positions_A.front(), positions_A.front(), static_cast<Index>(positions_A.size())};
  for (const PointYX& p : positions_A) {
    span.low = {std::min(span.low.y, p.y), std::min(span.low.x, p.x)};
    span.high = {std::max(span.high.y, p.y), std::max(span.high.x, p.x)};
  }
  return span;
}

void require_scan(const ScanSpan& all, const Grid& window) {
  const double height_A = all.high.y - all.low.y, width_A = all.high.x - all.low.x;
  if (all.positions < 2 || height_A >= window.dy_A || width_A >= window.dx_A) return;
  if (height_A == 0 && width_A == 0)
    refuse(fmt::format("all {} positions are the same, {}; there is no scan: check data.positions or scan.step_A",
                       all.positions, place_text(all.low)));
  refuse(
      fmt::format("the {} positions span {:.3g} x {:.3g} A, less than one pixel of the object, {:.3g} x {:.3g} A: "
                  "positions and steps are in angstrom (not in metres or pixels); check data.positions or scan.step_A",
                  all.positions, height_A, width_A, window.dy_A, window.dx_A));
}

void require_near_zero(std::span<const PointYX> positions_A, std::span<const Index> pattern_index, const Grid& window) {
  constexpr double finest_px = 1e-3, epsilon = std::numeric_limits<double>::epsilon();
  for (std::size_t i = 0; i < positions_A.size(); ++i) {
    const PointYX& p = positions_A[i];
    if (std::abs(p.y) * epsilon <= finest_px * window.dy_A && std::abs(p.x) * epsilon <= finest_px * window.dx_A)
      continue;
    refuse(
        fmt::format("position {} lies at {}, too far from 0: numbers of that size are further apart than {} of a pixel "
                    "of {:.3g} x {:.3g} A; check data.positions, and subtract what all have in common",
                    pattern_index[i], place_text(p), finest_px, window.dy_A, window.dx_A));
  }
}

void require_together(std::span<const PointYX> positions_A, std::span<const Index> pattern_index, const Grid& window,
                      const ObjectFrame& frame, double bytes_per_pixel) {
  constexpr double least_covered =
      0.01;  // a probe sees no more than its window: the rest of the object is not measured
  const ScanSpan span = span_of(positions_A);
  const double rows = (span.high.y - span.low.y) / window.dy_A + static_cast<double>(window.ny);
  const double columns = (span.high.x - span.low.x) / window.dx_A + static_cast<double>(window.nx);
  const double covered =
      static_cast<double>(positions_A.size()) * static_cast<double>(window.count()) / (rows * columns);
  if (covered >= least_covered) return;
  const double pixels = static_cast<double>(frame.ny) * static_cast<double>(frame.nx);
  const std::size_t far = farthest(positions_A);
  refuse(
      fmt::format("positions span {:.6g} x {:.6g} A: the object of {} x {} pixels needs {:.3g} GiB, of which windows "
                  "cover less than {:.2g} %; position {} lies at {}: check it in data.positions, or leave it out with "
                  "data.subset",
                  span.high.y - span.low.y, span.high.x - span.low.x, frame.ny, frame.nx,
                  pixels * bytes_per_pixel / (1024 * units::bytes_per_MiB), std::max(1e-6, 100 * covered),
                  pattern_index[far], place_text(positions_A[far])));
}

}  // namespace tessera
