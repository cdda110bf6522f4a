#include "src/workflow/input/experiment.hpp"

#include <cmath>

#include "io/dataset.hpp"
#include "src/model/potential.hpp"
#include "src/workflow/options/calibration.hpp"

namespace tessera {

namespace {

std::string shape_text(const std::vector<Index>& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

/// The indices start, start + step, ... below stop of an axis of n.
std::vector<Index> select(const Range& range, Index n, const char* key) {
  const Index stop = std::min(range.stop.value_or(n), n);
  std::vector<Index> indices;
  for (Index i = range.start; i < stop; i += range.step) indices.push_back(i);
  if (indices.empty())
    throw InputError(ExitCode::run_file,
                     fmt::format("data.subset.{} selects nothing from an axis of {} positions", key, n));
  return indices;
}

/// `range` is for data of another shape.
void refuse_range(const Range& range, const char* key, const RunOptions& options, const std::vector<Index>& shape) {
  if (range == Range{}) return;
  throw InputError(ExitCode::run_file,
                   fmt::format("data.subset.{} is given, but data.patterns {} has shape {}; {}", key,
                               options.data.patterns, shape_text(shape),
                               shape.size() == 4 ? "data.subset.ry and data.subset.rx choose from (Ry, Rx, Ky, Kx)"
                                                 : "data.subset.n chooses from (N, Ky, Kx)"));
}

/// Affine map, then rotation, about the mean (x' = x cos - y sin, y' = x sin + y cos).
void orient(std::vector<PointYX>& positions_A, const ScanOptions& scan) {
  PointYX mean;
  for (const PointYX& p : positions_A) mean = {mean.y + p.y, mean.x + p.x};
  const double n = static_cast<double>(positions_A.size());
  mean = {mean.y / n, mean.x / n};
  const double c = std::cos(scan.rotation_rad), s = std::sin(scan.rotation_rad);
  for (PointYX& p : positions_A) {
    const double y = p.y - mean.y, x = p.x - mean.x;
    const double ay = scan.affine[0] * y + scan.affine[1] * x, ax = scan.affine[2] * y + scan.affine[3] * x;
    p = {mean.y + ax * s + ay * c, mean.x + ax * c - ay * s};
  }
}

std::vector<PointYX> raster(const RunOptions& options, const std::vector<Index>& scan_shape) {
  if (!options.scan.step_A || scan_shape.size() != 2)
    throw InputError(ExitCode::run_file,
                     "data.positions is null: give a dataset of positions, or scan.step_A with four-dimensional data");
  std::vector<PointYX> positions_A;
  for (Index y = 0; y < scan_shape[0]; ++y)
    for (Index x = 0; x < scan_shape[1]; ++x)
      positions_A.push_back(
          {static_cast<double>(y) * (*options.scan.step_A)[0], static_cast<double>(x) * (*options.scan.step_A)[1]});
  return positions_A;
}

std::vector<PointYX> read_positions(const RunOptions& options, const std::vector<Index>& scan_shape, Index count) {
  if (!options.data.positions) return raster(options, scan_shape);
  const std::vector<Index> shape = dataset_info(options.data.file, *options.data.positions).shape;
  const std::vector<double> values = read_real(options.data.file, *options.data.positions);
  if (shape.empty() || shape.back() != 2 || static_cast<Index>(values.size()) != 2 * count)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: data.positions {} has shape {}, but data.patterns {} holds {} patterns: it must be "
                    "({}, 2)",
                    options.data.file, *options.data.positions, shape_text(shape), options.data.patterns, count,
                    count));
  std::vector<PointYX> positions_A;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    if (!std::isfinite(values[i]) || !std::isfinite(values[i + 1]))
      throw InputError(ExitCode::data_wrong, fmt::format("{}: {}[{}] is not a finite number", options.data.file,
                                                         *options.data.positions, i / 2));
    positions_A.push_back({values[i], values[i + 1]});
  }
  return positions_A;
}

/// Root's part: shapes, positions and which patterns are used.
void read_on_root(const RunOptions& options, Experiment& experiment) {
  const DatasetInfo info = dataset_info(options.data.file, options.data.patterns);
  if (options.detector.virtual_detectors) experiment.channels = read_channels(options, info.shape);
  const RecordedChannels& channels = experiment.channels;
  const std::size_t rank = info.shape.size();
  if (rank != 3 && rank != 4 && !channels.in_file)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: data.patterns {} has shape {}; it must be (N, Ky, Kx) or (Ry, Rx, Ky, Kx)",
                                 options.data.file, options.data.patterns, shape_text(info.shape)));
  experiment.raw_ny = channels.in_file ? channels.raw_ny : info.shape[rank - 2];
  experiment.raw_nx = channels.in_file ? channels.raw_nx : info.shape[rank - 1];
  const std::vector<Index> scan_shape(info.shape.begin(), info.shape.end() - (channels.in_file ? 1 : 2));
  Index count = 1;
  for (const Index length : scan_shape) count *= length;
  std::vector<PointYX> all = read_positions(options, scan_shape, count);
  orient(all, options.scan);
  if (scan_shape.size() == 1) {
    refuse_range(options.data.ry, "ry", options, info.shape);
    refuse_range(options.data.rx, "rx", options, info.shape);
    experiment.pattern_index = select(options.data.n, count, "n");
  } else {
    refuse_range(options.data.n, "n", options, info.shape);
    experiment.scan_rows = scan_shape[0];
    experiment.scan_columns = scan_shape[1];
    for (const Index y : select(options.data.ry, scan_shape[0], "ry"))
      for (const Index x : select(options.data.rx, scan_shape[1], "rx"))
        experiment.pattern_index.push_back(y * scan_shape[1] + x);
  }
  for (const Index i : experiment.pattern_index) experiment.positions_A.push_back(all[i]);
  if (experiment.channels.sets) read_sets_used(options, count, experiment.pattern_index, experiment.channels);
}

/// The window's pixels, and how the detector counts them.
void set_detector(const DetectorOptions& detector, Experiment& experiment) {
  const Index ny = experiment.pixels_ny, nx = experiment.pixels_nx;
  if (detector.bin > std::min(ny, nx))
    throw InputError(
        ExitCode::run_file,
        fmt::format("detector.bin is {}, but a pattern has {} x {} pixels; it must not be more", detector.bin, ny, nx),
        true);
  const double factor = detector.simulate;
  const auto length = [&](Index n) {
    return factor == 1 ? n : fast_even_length(static_cast<Index>(std::ceil(factor * static_cast<double>(n) - 1e-9)));
  };
  experiment.window.ny = length(ny);
  experiment.window.nx = length(nx);
  if (factor == 1 && detector.bin == 1) return;
  experiment.rows = detector_axis(experiment.window.ny, ny, detector.bin);
  experiment.columns = detector_axis(experiment.window.nx, nx, detector.bin);
}

}  // namespace

std::vector<Index> orientation_map(const DetectorOptions& detector, Index raw_ny, Index raw_nx) {
  const Index ny = detector.transpose ? raw_nx : raw_ny, nx = detector.transpose ? raw_ny : raw_nx;
  const auto shift = [](double centre, Index n) { return static_cast<Index>(std::lround(centre)) - n / 2; };
  const Index shift_y = detector.centre_px ? shift((*detector.centre_px)[0], raw_ny) : 0;
  const Index shift_x = detector.centre_px ? shift((*detector.centre_px)[1], raw_nx) : 0;
  const auto flipped = [](Index i, Index n) { return (2 * (n / 2) - i + n) % n; };
  std::vector<Index> map;
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      Index a = (y + ny / 2) % ny, b = (x + nx / 2) % nx;
      if (detector.transpose) std::swap(a, b);
      if (detector.flip_x) b = flipped(b, raw_nx);
      if (detector.flip_y) a = flipped(a, raw_ny);
      a += shift_y;
      b += shift_x;
      map.push_back(a >= 0 && a < raw_ny && b >= 0 && b < raw_nx ? a * raw_nx + b : -1);
    }
  return map;
}

Experiment load_experiment(const Comm& comm, const RunOptions& options) {
  Experiment experiment;
  comm.agree([&] {
    if (comm.is_root()) read_on_root(options, experiment);
  });
  comm.broadcast(experiment.raw_ny);
  comm.broadcast(experiment.raw_nx);
  comm.broadcast(experiment.positions_A);
  comm.broadcast(experiment.pattern_index);
  broadcast(comm, experiment.channels);
  experiment.wavelength_A = beam_wavelength_A(options.beam);
  const std::array<double, 2> step_invA = detector_step_invA(options, experiment.wavelength_A);
  const bool turned = options.detector.transpose;
  experiment.pixels_ny = turned ? experiment.raw_nx : experiment.raw_ny;
  experiment.pixels_nx = turned ? experiment.raw_ny : experiment.raw_nx;
  set_detector(options.detector, experiment);
  Grid& window = experiment.window;
  window.dy_A = 1 / (static_cast<double>(window.ny) * step_invA[turned ? 1 : 0]);
  window.dx_A = 1 / (static_cast<double>(window.nx) * step_invA[turned ? 0 : 1]);
  PlacedScan scan = enclose(experiment.positions_A, window, options.object.margin_px);
  experiment.frame = scan.frame;
  experiment.placements = std::move(scan.placements);
  return experiment;
}

}  // namespace tessera
