#include "src/workflow/calibrate/survey.hpp"

#include <algorithm>
#include <cmath>

#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/input/turner.hpp"

namespace tessera {

namespace {

/// Columns of the raster that the experiment uses.
Index used_columns(const Experiment& experiment) {
  Index columns = 0;
  const Index first_row = experiment.pattern_index.front() / experiment.scan_columns;
  for (const Index pattern : experiment.pattern_index)
    columns += pattern / experiment.scan_columns == first_row ? 1 : 0;
  return columns;
}

/// Least squares of the positions against (row, column), which are orthogonal about their means; whether the positions
/// lie there.
void fit_step(const std::vector<PointYX>& positions_A, SurveyedPart& part) {
  const double cy = static_cast<double>(part.rows - 1) / 2, cx = static_cast<double>(part.columns - 1) / 2;
  double rr = 0, cc = 0;
  PointYX mean;
  const double n = static_cast<double>(part.positions.size());
  const auto each = [&](const auto& use) {
    for (Index r = 0; r < part.rows; ++r)
      for (Index c = 0; c < part.columns; ++c)
        use(static_cast<double>(r) - cy, static_cast<double>(c) - cx,
            positions_A[part.positions[r * part.columns + c]]);
  };
  each([&](double r, double c, const PointYX& p) {
    mean = {mean.y + p.y / n, mean.x + p.x / n};
    rr += r * r;
    cc += c * c;
  });
  each([&](double r, double c, const PointYX& p) {
    part.step[0] += r * (p.y - mean.y) / rr;
    part.step[1] += c * (p.y - mean.y) / cc;
    part.step[2] += r * (p.x - mean.x) / rr;
    part.step[3] += c * (p.x - mean.x) / cc;
  });
  double squares = 0;
  each([&](double r, double c, const PointYX& p) {
    const PointYX at = mapped(part.step, {r, c});
    squares += (std::pow(p.y - mean.y - at.y, 2) + std::pow(p.x - mean.x - at.x, 2)) / n;
  });
  const double area = std::abs(determinant(part.step));
  part.raster = area > 0 && squares < 0.04 * area;
}

/// Calls use(position's place in the part, counts [ky, kx], 0 where a pixel is not valid) for this rank's patterns, as
/// they come. What cannot be counts is refused as for a reconstruction.
template <class Use>
void for_each_pattern(const Comm& comm, const Experiment& experiment, const RawPixels& pixels, const SurveyedPart& part,
                      const ReadCheck& check, const Use& use) {
  PatternReader reader(comm, experiment.source);
  const PixelType type = pixel_type(reader.memory_type());
  const std::vector<Index> map = orientation_map({}, experiment.raw_ny, experiment.raw_nx);
  std::vector<double> valid;
  for (const Index raw : map) valid.push_back(pixels.valid[raw]);
  const Turner turner(experiment, pixels, map, valid);
  const Index first = part.rows * comm.rank() / comm.size() * part.columns;
  const Index end = part.rows * (comm.rank() + 1) / comm.size() * part.columns;
  std::vector<Index> wanted;
  for (Index i = first; i < end; ++i) wanted.push_back(experiment.pattern_index[part.positions[i]]);
  const std::size_t pattern_bytes = map.size() * static_cast<std::size_t>(reader.bytes_per_pixel());
  std::vector<std::byte> turned(pattern_bytes);
  std::vector<double> counts(map.size());
  const auto take = [&](std::span<const Index> slots, std::span<const std::byte> raw) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Index place = first + slots[i];
      turner.turn(type, raw.data() + i * pattern_bytes, turned.data(), part.positions[place]);
      with_pixel_type(type, [&](auto zero) {
        const auto* const values = reinterpret_cast<const decltype(zero)*>(turned.data());
        for (std::size_t k = 0; k < map.size(); ++k) counts[map[k]] = static_cast<double>(values[k]);
      });
      use(place, counts);
    }
  };
  reader.read(wanted, take, check);
}

/// The cells of the disc: a grid of at most nine across, no finer than the pixels.
struct Cells {
  std::vector<Index> of_pixel;  ///< [ky, kx] -1: none
  std::vector<PointYX> place;   ///< [cell] mean place of its pixels, in radii
};

Cells make_cells(const Disc& disc, const std::vector<double>& valid, Index ny, Index nx) {
  constexpr double across = 9, rim = 0.92;
  const double side = std::max(1.0, 2 * disc.radius_px / across);
  const auto n = static_cast<Index>(std::ceil(disc.radius_px / side));
  std::vector<PointYX> sum(static_cast<std::size_t>((2 * n + 1) * (2 * n + 1)));
  std::vector<double> count(sum.size(), 0.0);
  Cells cells;
  cells.of_pixel.assign(static_cast<std::size_t>(ny * nx), -1);
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const double dy = static_cast<double>(y) - disc.centre_px.y, dx = static_cast<double>(x) - disc.centre_px.x;
      const Index i = y * nx + x;
      if (valid[static_cast<std::size_t>(i)] == 0 || std::hypot(dy, dx) > rim * disc.radius_px) continue;
      const Index cell = (std::lround(dy / side) + n) * (2 * n + 1) + std::lround(dx / side) + n;
      cells.of_pixel[static_cast<std::size_t>(i)] = cell;
      sum[cell] = {sum[cell].y + dy / disc.radius_px, sum[cell].x + dx / disc.radius_px};
      count[cell] += 1;
    }
  std::vector<Index> number(sum.size(), -1);
  // A cell that the rim cuts to a corner would be an image of noise.
  const double whole = side * side;
  for (std::size_t c = 0; c < sum.size(); ++c)
    if (count[c] >= std::max(1.0, 0.3 * whole)) {
      number[c] = static_cast<Index>(cells.place.size());
      cells.place.push_back({sum[c].y / count[c], sum[c].x / count[c]});
    }
  for (Index& cell : cells.of_pixel)
    if (cell >= 0) cell = number[static_cast<std::size_t>(cell)];
  return cells;
}

}  // namespace

SurveyedPart surveyed_part(const Experiment& experiment, Index most) {
  SurveyedPart part;
  const auto count = static_cast<Index>(experiment.positions_A.size());
  const Index columns = experiment.scan_columns > 0 ? used_columns(experiment) : count;
  const Index rows = count / columns;
  const auto side = static_cast<Index>(std::sqrt(static_cast<double>(most)));
  part.columns = std::min(columns, std::max(side, most / rows));
  part.rows = std::min(rows, std::max<Index>(1, most / part.columns));
  const Index first_row = (rows - part.rows) / 2, first_column = (columns - part.columns) / 2;
  for (Index r = 0; r < part.rows; ++r)
    for (Index c = 0; c < part.columns; ++c) part.positions.push_back((first_row + r) * columns + first_column + c);
  if (part.rows > 1 && part.columns > 1) fit_step(experiment.positions_A, part);
  return part;
}

std::vector<double> mean_pattern(const Comm& comm, const Experiment& experiment, const RawPixels& pixels,
                                 const SurveyedPart& part, const ReadCheck& check) {
  std::vector<double> mean(static_cast<std::size_t>(experiment.raw_ny * experiment.raw_nx), 0.0);
  for_each_pattern(comm, experiment, pixels, part, check, [&](Index, const std::vector<double>& counts) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += counts[i];
  });
  comm.sum_to_root(mean);
  for (double& value : mean) value /= static_cast<double>(part.positions.size());
  return mean;
}

Survey survey(const Comm& comm, const RunOptions& options, const Experiment& experiment, const RawPixels& pixels,
              const SurveyedPart& part, const Disc& disc, const std::array<double, 2>& invA_per_px,
              const ReadCheck& check) {
  const Index nx = experiment.raw_nx;
  const Cells cells = make_cells(disc, pixels.valid, experiment.raw_ny, nx);
  const std::size_t n = part.positions.size(), numbers = 4 + cells.place.size();
  std::vector<double> sums(n * numbers, 0.0);  // [position][all, sum, y, x, cells...], the sum within reach
  const double reach2 = std::pow(1.5 * disc.radius_px, 2);
  for_each_pattern(comm, experiment, pixels, part, check, [&](Index place, const std::vector<double>& counts) {
    double* of = sums.data() + static_cast<std::size_t>(place) * numbers;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double y = static_cast<double>(static_cast<Index>(i) / nx) - disc.centre_px.y;
      const double x = static_cast<double>(static_cast<Index>(i) % nx) - disc.centre_px.x;
      of[0] += counts[i];
      if (y * y + x * x > reach2) continue;
      of[1] += counts[i];
      of[2] += counts[i] * y;
      of[3] += counts[i] * x;
      if (cells.of_pixel[i] >= 0) of[4 + cells.of_pixel[i]] += counts[i];
    }
  });
  comm.sum_to_root(sums);
  Survey result{.deflections = {part.rows, part.columns, {}}, .tilted = {part.rows, part.columns, cells.place, {}, {}}};
  if (!comm.is_root()) return result;
  result.tilted.images.assign(cells.place.size(), std::vector<float>(n));
  for (std::size_t p = 0; p < n; ++p) {
    const double* of = sums.data() + p * numbers;
    const double sum = std::max(of[1], 1e-30);
    result.tilted.electrons.push_back(of[0] / options.data.counts_per_electron);
    result.deflections.values.push_back({of[2] / sum * invA_per_px[0], of[3] / sum * invA_per_px[1]});
    for (std::size_t c = 0; c < cells.place.size(); ++c)
      result.tilted.images[c][p] = static_cast<float>(of[4 + c] / options.data.counts_per_electron);
  }
  return result;
}

}  // namespace tessera
