#include "io/sources/written_frames.hpp"

#include <algorithm>

namespace tessera {

namespace {

/// The part of a dataset of patterns that has `scan` along its first axes.
Part whole_patterns(const Part& scan, const std::vector<Index>& inner) {
  Part part = scan;
  for (const Index length : inner) {
    part.start.push_back(0);
    part.step.push_back(1);
    part.count.push_back(length);
  }
  return part;
}

std::vector<Index> frames_of(const ScanMap& map, const Part& scan) {
  std::vector<Index> frames;
  const bool list = map.shape.size() == 1;
  const Index rows = list ? 1 : scan.count[0], columns = scan.count[list ? 0 : 1];
  for (Index j = 0; j < rows; ++j)
    for (Index i = 0; i < columns; ++i) {
      const Index x = scan.start[list ? 0 : 1] + i * scan.step[list ? 0 : 1];
      frames.push_back(map.frame_of(list ? x : (scan.start[0] + j * scan.step[0]) * map.shape[1] + x));
    }
  std::ranges::sort(frames);
  return frames;
}

/// Of a list of frames [first, end) of a dataset whose axes between are of length 1.
void require_run(const FramePart& part, Index first, Index end) {
  std::vector<Index> shape = dataset_info(part.file, part.dataset).shape;
  Part run = whole_of(shape);
  if (shape.size() > 2) {
    run.start[0] = first;
    run.count[0] = end - first;
  }
  require_written(part.file, part.dataset, run);
}

}  // namespace

void require_frames(const SourceDescription& source, const Part& scan) {
  if (source.kind != FrameKind::hdf5) return;  // how long their files are was looked at
  const PatternLayout& layout = source.layout;
  const FramePart& only = source.parts[0];
  const std::vector<Index>& stored = layout.info.shape;
  std::vector<Index> inner(stored.end() - 2, stored.end());
  if (layout.of_channels) inner.erase(inner.begin());
  const bool as_stored = source.map.first == 0 && source.map.order == ScanOrder::rows &&
                         std::equal(stored.begin(), stored.end() - 2, source.map.shape.begin(), source.map.shape.end());
  if (source.parts.size() == 1 && as_stored)
    return require_written(only.file, only.dataset, whole_patterns(scan, inner));
  const std::vector<Index> frames = frames_of(source.map, scan);
  if (frames.empty()) return;
  if (!layout.is_list()) {
    const Index first = frames.front() / layout.columns(), last = frames.back() / layout.columns();
    const Part rows{.start = {first, 0}, .step = {1, 1}, .count = {last - first + 1, layout.columns()}};
    return require_written(only.file, only.dataset, whole_patterns(rows, inner));
  }
  Index first = 0;
  for (const FramePart& part : source.parts) {
    const auto begin = std::ranges::lower_bound(frames, first),
               end = std::ranges::lower_bound(frames, first + part.count);
    if (begin != end) require_run(part, *begin - first, *(end - 1) + 1 - first);
    first += part.count;
  }
}

}  // namespace tessera
