#include "src/workflow/preprocess/preprocess_input.hpp"

#include <algorithm>
#include <numeric>

#include "io/sources/look.hpp"
#include "io/sources/written_frames.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/data_subset.hpp"
#include "src/workflow/input/measured_positions.hpp"
#include "src/workflow/input/stored_detectors.hpp"
#include "src/workflow/preprocess/resample.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

namespace {

constexpr const char* not_written = "before the end; nothing was written";

/// Positions as they are given, moved so that scan.affine and scan.rotation_deg, which act about the mean, do to the
/// subset what they do to the whole scan.
std::vector<PointYX> nominal_positions(const RunOptions& options, const DataShape& data, const SourceFacts& facts,
                                       const std::vector<Index>& used) {
  if (!options.data.positions && (!options.scan.step_A || data.scan.size() != 2)) return {};
  RunOptions untouched = options;
  untouched.scan.affine = ScanOptions{}.affine;
  untouched.scan.rotation_rad = 0;
  const std::vector<PointYX> all = measured_positions(untouched, data, facts.positions);
  const std::vector<PointYX> turned = measured_positions(options, data, facts.positions);
  std::vector<PointYX> nominal;
  PointYX mean, mean_turned;
  const auto n = static_cast<double>(used.size());
  for (const Index i : used) {
    nominal.push_back(all[i]);
    mean = {mean.y + all[i].y / n, mean.x + all[i].x / n};
    mean_turned = {mean_turned.y + turned[i].y / n, mean_turned.x + turned[i].x / n};
  }
  const bool turns = options.scan.affine != ScanOptions{}.affine || options.scan.rotation_rad != 0;
  for (PointYX& p : nominal)
    if (turns) p = {p.y + mean_turned.y - mean.y, p.x + mean_turned.x - mean.x};
  return nominal;
}

/// Patterns that share chunks, row by row of the scan.
Index patterns_together(const PatternLayout& layout, const DataShape& data) {
  const DatasetInfo& info = layout.info;
  if (info.chunk.empty()) return 1;
  if (layout.is_list()) return info.chunk[0];
  const Index rows = info.chunk[0], columns = info.chunk[1], row = data.scan[1];
  return rows == 1 && row % columns == 0 ? columns : rows * row;
}

/// Root's part.
void read_on_root(const RunOptions& options, const SourceDescription& source, PreprocessInput& input) {
  const DataShape& data = input.stored;
  const std::vector<std::vector<Index>> axes = used_indices(options, data);
  for (const std::vector<Index>& axis : axes) input.scan.push_back(static_cast<Index>(axis.size()));
  require_frames(source, used_part(axes, data));
  input.patterns = flat_indices(axes, data);
  const SourceFacts facts = look_at(source_request(options.data)).facts;
  input.positions_A = nominal_positions(options, data, facts, input.patterns);
  input.together = patterns_together(source.layout, data);
  if (const auto& detectors = options.preprocess.compress.detectors) {
    const auto [ny, nx] = make_geometry(options.preprocess, {input.ny, input.nx}, {}, {1, 0, 0, 1}, {}).shape;
    input.given_sums = read_one_set("preprocess.compress.detectors", *detectors, ny, nx).rows;
  }
}

}  // namespace

std::unique_ptr<PatternReader> open_patterns(const Comm& comm, const RunOptions& options) {
  std::string text;
  comm.agree([&] {
    if (!comm.is_root()) return;
    const SourceRequest request = source_request(options.data);
    if (const auto stored = named_shape(request)) data_shape(options, *stored, false);  // told by its shape
    text = source_text(look_at(request).description);
  });
  comm.broadcast(text);
  return std::make_unique<PatternReader>(comm, source_from_text(text));
}

PreprocessInput load_input(const Comm& comm, const RunOptions& options, const PatternReader& reader) {
  PreprocessInput input;
  comm.agree([&] { input.stored = data_shape(options, reader.source().shape(), false); });
  input.ny = input.stored.pattern[0];
  input.nx = input.stored.pattern[1];
  input.type = reader.memory_type();
  comm.agree([&] {
    if (comm.is_root()) read_on_root(options, reader.source(), input);
  });
  comm.broadcast(input.scan);
  comm.broadcast(input.patterns);
  comm.broadcast(input.positions_A);
  comm.broadcast(input.together);
  broadcast(comm, input.given_sums);
  Experiment experiment;
  experiment.source = reader.source();
  experiment.shape = input.stored;
  experiment.raw_ny = input.ny;
  experiment.raw_nx = input.nx;
  experiment.pattern_index = input.patterns;
  input.pixels = raw_pixels(comm, options, experiment);
  if (const auto& facts = input.pixels.facts) {
    input.largest = facts->largest;
    input.mean_electrons = facts->mean_counts / options.data.counts_per_electron;
  }
  comm.broadcast(input.largest);
  comm.broadcast(input.mean_electrons);
  return input;
}

void stream_patterns(const Comm& comm, PatternReader& reader, const PreprocessInput& input, const RoundPlan& plan,
                     const StreamHooks& hooks) {
  const Index bytes = input.pixel_count() * reader.bytes_per_pixel();
  std::vector<std::byte> turned(reader.source().transposed ? static_cast<std::size_t>(bytes) : 0);
  // Frames that lie as (kx, ky) are turned, so that nothing behind knows of it.
  const auto as_rows = [&](const std::byte* stored) {
    if (turned.empty()) return stored;
    const Index size = reader.bytes_per_pixel();
    for (Index y = 0; y < input.ny; ++y)
      for (Index x = 0; x < input.nx; ++x)
        std::copy_n(stored + (x * input.ny + y) * size, size, turned.data() + (y * input.nx + x) * size);
    return static_cast<const std::byte*>(turned.data());
  };
  for (Index round = 0; round < plan.rounds(); ++round) {
    const Stretch now = plan.of_round(comm.rank(), round);
    if (hooks.begin) comm.agree([&] { hooks.begin(now); });
    const std::span<const Index> wanted(input.patterns.data() + now.first, static_cast<std::size_t>(now.count()));
    const auto take = [&](std::span<const Index> slots, std::span<const std::byte> raw) {
      for (std::size_t i = 0; i < slots.size(); ++i)
        hooks.use(now.first + slots[i], as_rows(raw.data() + static_cast<Index>(i) * bytes));
    };
    reader.read(wanted, take, [] { throw_if_stopped(not_written); });
    refuse_if_stopped(comm, not_written);
    if (hooks.done) hooks.done(now);
  }
}

}  // namespace tessera
