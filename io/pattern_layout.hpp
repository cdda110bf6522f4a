#pragma once

#include "io/dataset.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// How patterns are stored: (N, ky, kx) or (Ry, Rx, ky, kx), and the type they are read as. A list counts as a scan of
/// one row. Channels, (N, channel) or (Ry, Rx, channel), count as patterns of one row of pixels.
struct PatternLayout {
  DatasetInfo info;          ///< for channels with the axis ky of length 1
  bool of_channels = false;  ///< the file has no axis ky
  StoredType memory_type = StoredType::f32;
  Index file_pixel_bytes = 0;  ///< of one pixel in the file, as it lies in HDF5's cache
  Index filter_bytes = 0;      ///< what filters hold next to the chunk that they make: as a rule its compressed form

  bool chunked() const { return !info.chunk.empty(); }
  bool is_list() const { return info.shape.size() == 3; }
  Index rows() const { return is_list() ? 1 : info.shape[0]; }
  Index columns() const { return info.shape[is_list() ? 0 : 1]; }
  Index n_patterns() const { return rows() * columns(); }
  Index pattern_bytes() const;

  /// Chunks that share their place along the scan axes form a group: whoever needs a pattern needs all chunks of its
  /// group. Groups are numbered along x first, as positions are; without chunks each pattern is one.
  Index group_of(Index pattern) const;
  Index n_groups() const { return group_grid_rows() * group_grid_columns(); }
  /// The scan positions of a group, those beyond the scan's border left out: [y0, y1) x [x0, x1).
  Box group_box(Index group) const;
  /// Positions of a group that is not cut by the border.
  Index group_positions() const { return group_rows() * group_columns(); }
  /// Bytes of one group after decompression, the chunks' parts beyond the border included: in memory, in the file.
  Index group_bytes() const;
  Index group_file_bytes() const;
  /// The same of one chunk, in the file.
  Index chunk_file_bytes() const;
  /// Slots that HDF5's cache needs, so that no two chunks of a group want the same; 8 bytes each.
  Index cache_slots() const;

 private:
  Index group_rows() const { return chunked() && !is_list() ? info.chunk[0] : 1; }
  Index group_columns() const { return chunked() ? info.chunk[is_list() ? 0 : 1] : 1; }
  Index group_grid_rows() const { return (rows() + group_rows() - 1) / group_rows(); }
  Index group_grid_columns() const { return (columns() + group_columns() - 1) / group_columns(); }
  Index group_pixels() const;
};

}  // namespace tessera
