#include "src/workflow/preprocess/scan_images.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/median.hpp"
#include "src/workflow/preprocess/lattice_fit.hpp"

namespace tessera {

namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw InputError(ExitCode::run_file, "preprocess.lattice.measured_A: fit " + what + "; give two vectors in its place",
                   true);
}

/// From the corners of the scan; `most` is how far the furthest position lies from where it says [A].
Matrix2 step_of(const std::vector<PointYX>& positions, Index rows, Index columns, double& most) {
  const PointYX &first = positions.front(), &right = positions[columns - 1], &down = positions[(rows - 1) * columns];
  const auto across = static_cast<double>(columns - 1), along = static_cast<double>(rows - 1);
  const Matrix2 step{(down.y - first.y) / along, (right.y - first.y) / across, (down.x - first.x) / along,
                     (right.x - first.x) / across};
  most = 0;
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c) {
      const PointYX to = mapped(step, {static_cast<double>(r), static_cast<double>(c)});
      const PointYX& at = positions[r * columns + c];
      most = std::max(most, std::hypot(at.y - first.y - to.y, at.x - first.x - to.x));
    }
  return step;
}

/// Counts, centre of mass, mean square distance from the detector's middle.
std::array<double, 4> moments(std::span<const double> counts, Index ny, Index nx) {
  const Index my = ny / 2, mx = nx / 2;
  double light = 0, y = 0, x = 0, square = 0;
  for (Index r = 0; r < ny; ++r)
    for (Index c = 0; c < nx; ++c) {
      const double value = counts[r * nx + c];
      const auto dy = static_cast<double>(r - my), dx = static_cast<double>(c - mx);
      light += value;
      y += value * dy;
      x += value * dx;
      square += value * (dy * dy + dx * dx);
    }
  if (!(light > 0)) return {light, 0, 0, 0};
  return {light, y / light, x / light, square / light};
}

}  // namespace

Matrix2 lattice_raster(const PreprocessInput& input, const LatticeVectors& reference_A) {
  if (input.scan.size() != 2 || input.positions_A.empty() || std::min(input.scan[0], input.scan[1]) < 2)
    refuse("needs a raster: patterns (Ry, Rx, Ky, Kx), and scan.step_A or data.positions");
  double most = 0;
  const Matrix2 step = step_of(input.positions_A, input.scan[0], input.scan[1], most);
  const double down = std::hypot(step[0], step[2]), right = std::hypot(step[1], step[3]);
  constexpr double flattest = 0.01, allowed = 0.5;  // of the product of the steps, and of a step
  if (!(std::abs(determinant(step)) > flattest * down * right) ||
      std::min(down, right) < flattest * std::max(down, right))
    refuse(fmt::format("needs positions on a raster, but its steps are ({:.3g}, {:.3g}) and ({:.3g}, {:.3g}) A",
                       step[0], step[2], step[1], step[3]));
  if (most > allowed * std::min(down, right))
    refuse(fmt::format("needs positions on a raster, but some lie {:.3g} A beside it", most));
  const double frequency = shortest_frequency(reference_A);
  const double cells = frequency * std::min(down * static_cast<double>(std::min(most_scan_side, input.scan[0])),
                                            right * static_cast<double>(std::min(most_scan_side, input.scan[1])));
  constexpr double fewest = 4, nyquist = 0.5;
  if (cells < fewest)
    refuse(fmt::format("needs a scan of {} cells of reference_A or more along each side, but this has {:.2g}", fewest,
                       cells));
  if (std::max(down, right) * frequency > nyquist)
    refuse(
        fmt::format("needs two positions or more in a cell of reference_A, but its rows are {:.3g} A apart and the "
                    "step is {:.3g} A",
                    1 / frequency, std::max(down, right)));
  return step;
}

namespace {

/// What a blank pattern says of its place is noise over nothing: the mean of the others is shown there.
void fill_blanks(ScanImages& images) {
  const std::vector<double>& light = images.channels.front();
  constexpr double blank = 0.05;  // of the middle pattern's counts
  const double least = blank * median(light);
  std::vector<bool> good;
  good.reserve(light.size());
  for (const double counts : light) good.push_back(counts > least);
  for (std::size_t c = images.channels.size(); c-- > 0;) {
    std::vector<double>& channel = images.channels[c];
    double sum = 0, number = 0;
    for (std::size_t i = 0; i < channel.size(); ++i) {
      sum += good[i] ? channel[i] : 0;
      number += good[i] ? 1 : 0;
    }
    for (std::size_t i = 0; i < channel.size(); ++i)
      if (!good[i]) channel[i] = number > 0 ? sum / number : 0;
  }
}

}  // namespace

ScanImages read_scan_images(const StepPlace& place, const Correction& correction) {
  const PreprocessInput& input = place.input;
  const Index all_rows = input.scan[0], all_columns = input.scan[1];
  ScanImages images{.rows = std::min(all_rows, most_scan_side), .columns = std::min(all_columns, most_scan_side)};
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
  fill_blanks(images);
  return images;
}

}  // namespace tessera
