#include "io/pattern_layout.hpp"

#include <algorithm>

namespace tessera {

Index PatternLayout::pattern_bytes() const {
  return info.shape[info.shape.size() - 2] * info.shape.back() * bytes_of(memory_type);
}

Index PatternLayout::group_of(Index pattern) const {
  return pattern / columns() / group_rows() * group_grid_columns() + pattern % columns() / group_columns();
}

Box PatternLayout::group_box(Index group) const {
  const Index y = group / group_grid_columns() * group_rows(), x = group % group_grid_columns() * group_columns();
  return intersect({y, x, y + group_rows(), x + group_columns()}, {0, 0, rows(), columns()});
}

Index PatternLayout::group_pixels() const {
  Index pixels = group_positions();
  for (std::size_t axis = info.shape.size() - 2; axis < info.shape.size(); ++axis) {
    const Index chunk = chunked() ? info.chunk[axis] : info.shape[axis];
    pixels *= (info.shape[axis] + chunk - 1) / chunk * chunk;
  }
  return pixels;
}

Index PatternLayout::group_bytes() const { return group_pixels() * bytes_of(memory_type); }

Index PatternLayout::group_file_bytes() const { return group_pixels() * file_pixel_bytes; }

Index PatternLayout::chunk_file_bytes() const { return chunked() ? element_count(info.chunk) * file_pixel_bytes : 0; }

Index PatternLayout::cache_slots() const {
  // HDF5 numbers the chunks of a group within the next powers of two of its detector axes, modulo the slots, and two
  // chunks never share one.
  constexpr Index usual = 10007;
  return chunked() ? std::max(usual, 4 * group_file_bytes() / chunk_file_bytes()) : 0;
}

}  // namespace tessera
