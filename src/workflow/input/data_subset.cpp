#include "src/workflow/input/data_subset.hpp"

#include <algorithm>

#include "src/base/machine_memory.hpp"
#include "src/base/memory_need.hpp"

namespace tessera {

namespace {

/// Every rank keeps some bytes of each position: what no memory holds is refused before the lists are made. A shape
/// alone costs a file nothing.
void require_room(double positions, const RunOptions& options) {
  constexpr double bytes_each = 50;
  const double bytes = bytes_each * positions, available = machine_memory().available_bytes;
  if (bytes <= available) return;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{} says that it has {:.4g} patterns, whose positions alone take {} on every rank, but "
                               "{} are free; is the file damaged? data.subset uses a part",
                               options.data.file, positions, bytes_text(bytes), bytes_text(available)));
}

Index count_of(const Range& range, Index n) {
  const Index stop = std::min(range.stop.value_or(n), n);
  return stop > range.start ? (stop - range.start) / range.step + 1 : 0;
}

/// The indices start, start + step, ... below stop of an axis of n.
std::vector<Index> select(const Range& range, Index n, const char* key) {
  const Index stop = range.stop.value_or(n);
  if (stop > n || range.start >= n)
    throw InputError(ExitCode::run_file, fmt::format("data.subset.{} is [{}, {}], but the axis has {} positions", key,
                                                     range.start, stop, n));
  std::vector<Index> indices;
  for (Index i = range.start; i < stop; i += range.step) indices.push_back(i);
  return indices;
}

/// `range` is for data of another shape.
void refuse_range(const Range& range, const char* key, const RunOptions& options, const DataShape& data) {
  if (range == Range{}) return;
  throw InputError(
      ExitCode::run_file,
      fmt::format("data.subset.{} is given, but {} has shape {}; {}", key,
                  options.data.patterns.empty() ? options.data.file : "data.patterns " + options.data.patterns,
                  shape_text(data.whole()),
                  data.scan.size() == 2 ? "data.subset.ry and data.subset.rx choose from (Ry, Rx, Ky, Kx)"
                                        : "data.subset.n chooses from (N, Ky, Kx)"));
}

}  // namespace

std::vector<std::vector<Index>> used_indices(const RunOptions& options, const DataShape& data) {
  if (data.scan.size() == 1) {
    refuse_range(options.data.ry, "ry", options, data);
    refuse_range(options.data.rx, "rx", options, data);
    require_room(static_cast<double>(count_of(options.data.n, data.scan[0])), options);
    return {select(options.data.n, data.scan[0], "n")};
  }
  refuse_range(options.data.n, "n", options, data);
  const Index rows = count_of(options.data.ry, data.scan[0]), columns = count_of(options.data.rx, data.scan[1]);
  require_room(static_cast<double>(rows) * static_cast<double>(columns), options);
  return {select(options.data.ry, data.scan[0], "ry"), select(options.data.rx, data.scan[1], "rx")};
}

Part used_part(const std::vector<std::vector<Index>>& axes, const DataShape& data) {
  Part part = whole_of(data.scan);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    part.start[axis] = axes[axis].front();
    part.step[axis] = axes[axis].size() > 1 ? axes[axis][1] - axes[axis][0] : 1;
    part.count[axis] = static_cast<Index>(axes[axis].size());
  }
  return part;
}

std::vector<Index> flat_indices(const std::vector<std::vector<Index>>& axes, const DataShape& data) {
  if (axes.size() == 1) return axes[0];
  std::vector<Index> flat;
  for (const Index y : axes[0])
    for (const Index x : axes[1]) flat.push_back(y * data.scan[1] + x);
  return flat;
}

}  // namespace tessera
