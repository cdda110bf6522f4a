#include "io/read_plan.hpp"

namespace tessera {

namespace {

bool fits_block(const PatternLayout& layout) {
  return layout.group_positions() * layout.pattern_bytes() <= read_block_bytes || layout.group_positions() == 1;
}

/// Group by group, each in boxes of whole rows, or of parts of one row, of at most `most` positions.
std::vector<Box> split_groups(const PatternLayout& layout, std::span<const Index> groups, Index most) {
  std::vector<Box> boxes;
  for (const Index group : groups) {
    const Box box = layout.group_box(group);
    const Index width = std::min(box.width(), most), height = std::max<Index>(1, most / box.width());
    for (Index y = box.y0; y < box.y1; y += height)
      for (Index x = box.x0; x < box.x1; x += width) boxes.push_back(intersect({y, x, y + height, x + width}, box));
  }
  return boxes;
}

/// Neighbouring boxes of the list as one where `may_join` and the size allow.
template <class MayJoin>
std::vector<Box> join(std::span<const Box> boxes, Index most, MayJoin may_join) {
  std::vector<Box> joined;
  for (const Box& box : boxes) {
    if (!joined.empty() && may_join(joined.back(), box) && joined.back().count() + box.count() <= most)
      joined.back() = hull(joined.back(), box);
    else
      joined.push_back(box);
  }
  return joined;
}

}  // namespace

Index chunk_cache_bytes(const PatternLayout& layout) {
  const Index bytes = layout.group_file_bytes();
  return !layout.chunked() || fits_block(layout) || bytes > largest_cached_group_bytes ? 0 : bytes;
}

Index largest_block_bytes(const PatternLayout& layout) {
  const bool repeated = layout.chunked() && !fits_block(layout) && chunk_cache_bytes(layout) == 0;
  return std::max(layout.pattern_bytes(), repeated ? largest_cached_group_bytes / 2 : read_block_bytes);
}

std::vector<Box> read_blocks(const PatternLayout& layout, std::span<const Index> groups) {
  const Index most = largest_block_bytes(layout) / layout.pattern_bytes();
  std::vector<Box> boxes = split_groups(layout, groups, most);
  if (!fits_block(layout)) return boxes;
  const auto side_by_side = [](const Box& a, const Box& b) { return a.y0 == b.y0 && a.y1 == b.y1 && a.x1 == b.x0; };
  const auto stacked = [](const Box& a, const Box& b) { return a.x0 == b.x0 && a.x1 == b.x1 && a.y1 == b.y0; };
  return join(join(boxes, most, side_by_side), most, stacked);
}

double decompressed_bytes(const PatternLayout& layout, Index n_groups, Index n_blocks) {
  const bool once = fits_block(layout) || chunk_cache_bytes(layout) > 0;
  return static_cast<double>(once ? n_groups : n_blocks) * static_cast<double>(layout.group_bytes());
}

std::vector<int> group_readers(const PatternLayout& layout, std::span<const int> owner, int n_ranks) {
  std::vector<int> reader(static_cast<std::size_t>(layout.n_groups()), -1);
  std::vector<Index> load(static_cast<std::size_t>(n_ranks), 0);
  for (Index group = 0; group < layout.n_groups(); ++group) {
    const Box box = layout.group_box(group);
    int& chosen = reader[static_cast<std::size_t>(group)];
    for (Index y = box.y0; y < box.y1; ++y)
      for (Index x = box.x0; x < box.x1; ++x) {
        const int rank = owner[static_cast<std::size_t>(y * layout.columns() + x)];
        if (rank < 0 || rank == chosen) continue;
        const Index more =
            chosen < 0 ? -1 : load[static_cast<std::size_t>(rank)] - load[static_cast<std::size_t>(chosen)];
        if (more < 0 || (more == 0 && rank < chosen)) chosen = rank;
      }
    if (chosen >= 0) ++load[static_cast<std::size_t>(chosen)];
  }
  return reader;
}

}  // namespace tessera
