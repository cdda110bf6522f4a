#include "src/workflow/input/experiment.hpp"

#include <cmath>

#include "io/sources/look.hpp"
#include "io/sources/written_frames.hpp"
#include "src/model/potential.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/data_subset.hpp"
#include "src/workflow/input/measured_positions.hpp"
#include "src/workflow/options/calibration.hpp"

namespace tessera {

namespace {

/// The half of the indices of a scan of so many columns that is wanted: neighbours in a row or column are in different
/// halves. InputError where it has none.
std::vector<Index> select_half(const std::vector<Index>& indices, std::size_t columns, ScanHalf half) {
  if (half == ScanHalf::whole) return indices;
  const std::size_t parity = half == ScanHalf::even ? 0 : 1;
  std::vector<Index> chosen;
  for (std::size_t i = 0; i < indices.size(); ++i)
    if ((i / columns + i % columns) % 2 == parity) chosen.push_back(indices[i]);
  if (chosen.empty())
    throw InputError(ExitCode::run_file,
                     fmt::format("data.subset.half leaves nothing of {} positions; take more of them", indices.size()));
  return chosen;
}

/// A centre outside the detector would leave no pixel of it, or the wrong ones.
void require_centre(const DetectorOptions& detector, const Experiment& experiment) {
  if (!detector.centre_px) return;
  const auto [y, x] = *detector.centre_px;
  if (y < static_cast<double>(experiment.raw_ny) && x < static_cast<double>(experiment.raw_nx)) return;
  throw InputError(ExitCode::run_file,
                   fmt::format("detector.centre_px is [{}, {}], but a pattern has {} x {} pixels; it must lie on them",
                               y, x, experiment.raw_ny, experiment.raw_nx));
}

/// Root's part: shapes, positions and which patterns are used.
ScanSpan read_on_root(const RunOptions& options, Experiment& experiment) {
  const SourceRequest request = source_request(options.data);
  const std::optional<std::vector<Index>> stored = named_shape(request);
  if (options.detector.virtual_detectors)
    experiment.channels = read_channels(options, stored ? *stored : look_at(request).description.shape());
  const RecordedChannels& channels = experiment.channels;
  if (stored) data_shape(options, *stored, channels.in_file);  // what cannot be patterns is told by its shape
  Source source = look_at(request, channels.in_file ? PatternAxes::channels : PatternAxes::pixels);
  const DataShape data = data_shape(options, source.description.shape(), channels.in_file);
  experiment.source = std::move(source.description);
  experiment.facts = std::move(source.facts);
  experiment.shape = data;
  experiment.raw_ny = channels.in_file ? channels.raw_ny : data.pattern[0];
  experiment.raw_nx = channels.in_file ? channels.raw_nx : data.pattern[1];
  require_centre(options.detector, experiment);
  const std::vector<std::vector<Index>> axes = used_indices(options, data);
  require_frames(experiment.source, used_part(axes, data));
  const std::vector<PointYX> all = measured_positions(options, data, experiment.facts.positions);
  if (axes.size() == 2) {
    experiment.scan_rows = data.scan[0];
    experiment.scan_columns = data.scan[1];
  }
  experiment.pattern_index = select_half(flat_indices(axes, data), axes.back().size(), options.data.half);
  for (const Index i : experiment.pattern_index) experiment.positions_A.push_back(all[i]);
  if (experiment.channels.sets) read_sets_used(options, data, experiment.pattern_index, experiment.channels);
  return span_of(all);
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
  ScanSpan span;
  std::string source;
  comm.agree([&] {
    if (!comm.is_root()) return;
    span = read_on_root(options, experiment);
    source = source_text(experiment.source);
  });
  comm.broadcast(source);
  experiment.source = source_from_text(source);
  comm.broadcast(span);
  comm.broadcast(experiment.shape.scan);
  comm.broadcast(experiment.shape.pattern);
  comm.broadcast(experiment.raw_ny);
  comm.broadcast(experiment.raw_nx);
  comm.broadcast(experiment.scan_rows);
  comm.broadcast(experiment.scan_columns);
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
  require_near_zero(experiment.positions_A, experiment.pattern_index, window);
  require_scan(span, window);
  PlacedScan scan = enclose(experiment.positions_A, window, options.object.margin_px);
  const double complex_bytes = options.run.precision == Precision::double_ ? 16 : 8;
  require_together(experiment.positions_A, experiment.pattern_index, window, scan.frame,
                   complex_bytes * options.object.slices * options.object.states);
  experiment.frame = scan.frame;
  experiment.placements = std::move(scan.placements);
  return experiment;
}

}  // namespace tessera
