#pragma once

#include <string>

#include "io/dataset.hpp"
#include "io/h5.hpp"

namespace tessera {

/// What a dataset of patterns is: (N, ky, kx) or (Ry, Rx, ky, kx), and the type it is read as.
struct PatternLayout {
  DatasetInfo info;
  StoredType memory_type = StoredType::f32;

  Index n_patterns() const;
  Index pattern_bytes() const;
  /// Scan positions per row: Rx, or 1 for a list.
  Index row_length() const { return info.shape.size() == 4 ? info.shape[1] : 1; }

  /// Chunks that share their place along the scan axes form a group: whoever needs a pattern needs all chunks of its
  /// group.
  Index group_of(Index pattern) const;
  /// Bytes of one group after decompression.
  Index group_bytes() const;
};

/// Serial. Throws InputError when the dataset is missing, is no array of 3 or 4 axes of numbers, or was compressed with
/// a filter that HDF5 cannot find here.
PatternLayout pattern_layout(const std::string& file, const std::string& dataset);

/// An open dataset of patterns with the default driver.
class PatternFile {
 public:
  PatternFile(const std::string& file, const std::string& dataset, const PatternLayout& layout);
  /// Reads `n` patterns from the flat scan index `first` on.
  void read_run(Index first, Index n, std::byte* out) const;

 private:
  void read_rectangle(std::span<const Index> start, std::span<const Index> count, std::byte* out) const;

  std::string name_;
  PatternLayout layout_;
  H5Id file_;
  H5Id dataset_;
  H5Id memory_type_;
};

}  // namespace tessera
