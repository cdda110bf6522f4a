#include "src/workflow/preprocess/scan_images.hpp"

#include <algorithm>
#include <cmath>

namespace tessera {

namespace {

constexpr Index most_a_side = 1024, least_a_side = 8;

/// The step of a raster: from the corners of the scan, and no position far from where it says. Positions are rows of
/// `columns`.
Matrix2 raster_step(const std::vector<PointYX>& positions, Index rows, Index columns) {
  const PointYX &first = positions.front(), &right = positions[columns - 1], &down = positions[(rows - 1) * columns];
  const auto across = static_cast<double>(columns - 1), along = static_cast<double>(rows - 1);
  const Matrix2 step{(down.y - first.y) / along, (right.y - first.y) / across, (down.x - first.x) / along,
                     (right.x - first.x) / across};
  double most = 0;
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c) {
      const PointYX to = mapped(step, {static_cast<double>(r), static_cast<double>(c)});
      const PointYX& at = positions[r * columns + c];
      most = std::max(most, std::hypot(at.y - first.y - to.y, at.x - first.x - to.x));
    }
  constexpr double allowed = 0.5;  // of a step
  if (determinant(step) == 0 || most > allowed * std::sqrt(std::abs(determinant(step))))
    throw InputError(
        ExitCode::run_file,
        fmt::format("preprocess.lattice.measured_A: fit needs positions on a raster, but some lie {:.3g} A "
                    "beside it; give two vectors in its place",
                    most),
        true);
  return step;
}

/// Counts, centre of mass, mean square distance from the detector's middle.
std::array<double, 4> moments(std::span<const double> counts, Index ny, Index nx) {
  double light = 0, y = 0, x = 0, square = 0;
  for (Index r = 0; r < ny; ++r)
    for (Index c = 0; c < nx; ++c) {
      const double value = counts[r * nx + c];
      const auto dy = static_cast<double>(r - ny / 2), dx = static_cast<double>(c - nx / 2);
      light += value;
      y += value * dy;
      x += value * dx;
      square += value * (dy * dy + dx * dx);
    }
  if (!(light > 0)) return {light, 0, 0, 0};
  return {light, y / light, x / light, square / light};
}

}  // namespace

ScanPart read_scan_part(const StepPlace& place, const Correction& correction) {
  const PreprocessInput& input = place.input;
  const bool raster = input.scan.size() == 2 && !input.positions_A.empty();
  if (!raster || std::min(input.scan[0], input.scan[1]) < least_a_side)
    throw InputError(ExitCode::run_file,
                     fmt::format("preprocess.lattice.measured_A: fit needs a raster of {0} x {0} positions or more: "
                                 "patterns (Ry, Rx, Ky, Kx), and scan.step_A or data.positions",
                                 least_a_side),
                     true);
  const Index all_rows = input.scan[0], all_columns = input.scan[1];
  ScanPart part;
  ScanImages& images = part.images;
  part.step_A = raster_step(input.positions_A, all_rows, all_columns);
  images.rows = std::min(all_rows, most_a_side);
  images.columns = std::min(all_columns, most_a_side);
  const Index top = (all_rows - images.rows) / 2, left = (all_columns - images.columns) / 2;
  images.channels.assign(4, std::vector<double>(static_cast<std::size_t>(images.rows * images.columns), 0.0));
  std::vector<double> counts(static_cast<std::size_t>(input.pixel_count()));
  const auto use = [&](Index position, const std::byte* raw) {
    const Index row = position / all_columns - top, column = position % all_columns - left;
    if (row < 0 || row >= images.rows || column < 0 || column >= images.columns) return;
    correct_pattern(
        correction, raw, [&] { return fmt::format("{} pattern {}", place.dataset(), input.patterns[position]); },
        counts);
    const std::array<double, 4> found = moments(counts, input.ny, input.nx);
    for (std::size_t i = 0; i < found.size(); ++i) images.channels[i][row * images.columns + column] = found[i];
  };
  stream_patterns(place.comm, place.reader, input, place.plan, {.begin = {}, .use = use, .done = {}});
  for (std::vector<double>& channel : images.channels) place.comm.sum(channel);  // each number is one rank's
  return part;
}

}  // namespace tessera
