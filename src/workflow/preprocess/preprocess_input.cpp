#include "src/workflow/preprocess/preprocess_input.hpp"

#include <numeric>

#include "io/written.hpp"
#include "src/workflow/input/measured_positions.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

namespace {

constexpr const char* not_written = "before the end; nothing was written";

std::vector<Index> select(const Range& range, Index n, const std::string& key) {
  const Index stop = range.stop.value_or(n);
  if (stop > n || range.start >= n)
    throw InputError(ExitCode::run_file, fmt::format("data.subset.{} is [{}, {}], but the axis has {} positions", key,
                                                     range.start, stop, n));
  std::vector<Index> indices;
  for (Index i = range.start; i < stop; i += range.step) indices.push_back(i);
  return indices;
}

/// Positions as they are given, moved so that scan.affine and scan.rotation_deg, which act about the mean, do to the
/// subset what they do to the whole scan.
std::vector<PointYX> nominal_positions(const RunOptions& options, const DataShape& data,
                                       const std::vector<Index>& used) {
  if (!options.data.positions && (!options.scan.step_A || data.scan.size() != 2)) return {};
  RunOptions untouched = options;
  untouched.scan.affine = ScanOptions{}.affine;
  untouched.scan.rotation_rad = 0;
  const std::vector<PointYX> all = measured_positions(untouched, data), turned = measured_positions(options, data);
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
Index patterns_together(const DatasetInfo& info, const DataShape& data) {
  if (info.chunk.empty()) return 1;
  if (data.scan.size() == 1) return info.chunk[0];
  const Index rows = info.chunk[0], columns = info.chunk[1], row = data.scan[1];
  return rows == 1 && row % columns == 0 ? columns : rows * row;
}

/// Root's part.
void read_on_root(const RunOptions& options, const DatasetInfo& info, PreprocessInput& input) {
  const DataShape& data = input.stored;
  const std::vector<std::vector<Index>> axes = subset_of(options, data);
  Part part = whole_of(data.whole());
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    input.scan.push_back(static_cast<Index>(axes[axis].size()));
    part.start[axis] = axes[axis].front();
    part.step[axis] = axes[axis].size() > 1 ? axes[axis][1] - axes[axis][0] : 1;
    part.count[axis] = static_cast<Index>(axes[axis].size());
  }
  require_written(options.data.file, options.data.patterns, part);
  for (const Index y : axes[0]) {
    if (axes.size() == 1) input.patterns.push_back(y);
    for (std::size_t i = 0; axes.size() == 2 && i < axes[1].size(); ++i)
      input.patterns.push_back(y * data.scan[1] + axes[1][i]);
  }
  input.positions_A = nominal_positions(options, data, input.patterns);
  input.together = patterns_together(info, data);
}

}  // namespace

std::vector<std::vector<Index>> subset_of(const RunOptions& options, const DataShape& data) {
  const bool list = data.scan.size() == 1;
  const auto refuse = [&](const Range& range, const char* key) {
    if (range != Range{})
      throw InputError(ExitCode::run_file,
                       fmt::format("data.subset.{} is given, but data.patterns {} has shape {}; {}", key,
                                   options.data.patterns, shape_text(data.whole()),
                                   list ? "data.subset.n chooses from (N, Ky, Kx)"
                                        : "data.subset.ry and data.subset.rx choose from (Ry, Rx, Ky, Kx)"));
  };
  if (list) {
    refuse(options.data.ry, "ry");
    refuse(options.data.rx, "rx");
    return {select(options.data.n, data.scan[0], "n")};
  }
  refuse(options.data.n, "n");
  return {select(options.data.ry, data.scan[0], "ry"), select(options.data.rx, data.scan[1], "rx")};
}

std::unique_ptr<PatternReader> open_patterns(const Comm& comm, const RunOptions& options) {
  return std::make_unique<PatternReader>(comm, options.data.file, options.data.patterns);
}

PreprocessInput load_input(const Comm& comm, const RunOptions& options, const PatternReader& reader) {
  PreprocessInput input;
  comm.agree([&] { input.stored = data_shape(options, reader.info().shape, false); });
  input.ny = input.stored.pattern[0];
  input.nx = input.stored.pattern[1];
  input.type = reader.memory_type();
  comm.agree([&] {
    if (comm.is_root()) read_on_root(options, reader.info(), input);
  });
  comm.broadcast(input.scan);
  comm.broadcast(input.patterns);
  comm.broadcast(input.positions_A);
  comm.broadcast(input.together);
  Experiment experiment;
  experiment.shape = input.stored;
  experiment.raw_ny = input.ny;
  experiment.raw_nx = input.nx;
  experiment.pattern_index = input.patterns;
  input.pixels = raw_pixels(comm, options, experiment);
  if (const auto& facts = input.pixels.facts) input.largest = facts->largest;
  comm.broadcast(input.largest);
  return input;
}

void stream_patterns(const Comm& comm, PatternReader& reader, const PreprocessInput& input, const RoundPlan& plan,
                     const StreamHooks& hooks) {
  const Index bytes = input.pixel_count() * reader.bytes_per_pixel();
  for (Index round = 0; round < plan.rounds(); ++round) {
    const Stretch now = plan.of_round(comm.rank(), round);
    if (hooks.begin) comm.agree([&] { hooks.begin(now); });
    const std::span<const Index> wanted(input.patterns.data() + now.first, static_cast<std::size_t>(now.count()));
    const auto take = [&](std::span<const Index> slots, std::span<const std::byte> raw) {
      for (std::size_t i = 0; i < slots.size(); ++i)
        hooks.use(now.first + slots[i], raw.data() + static_cast<Index>(i) * bytes);
    };
    reader.read(wanted, take, [] { throw_if_stopped(not_written); });
    refuse_if_stopped(comm, not_written);
    if (hooks.done) hooks.done(now);
  }
}

}  // namespace tessera
