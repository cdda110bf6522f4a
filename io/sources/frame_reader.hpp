#pragma once

#include <cstddef>
#include <memory>

#include "io/sources/source.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// An open source of one rank. Nothing here is collective.
class FrameReader {
 public:
  FrameReader() = default;
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  virtual ~FrameReader() = default;

  /// Reads the frames of a box of the layout's rows and columns, row by row, as elements of layout.memory_type, as they
  /// lie (see SourceDescription::transposed). InputError where the file cannot be read or ends early.
  virtual void read_box(const Box& box, std::byte* out) = 0;
};

/// HDF5 keeps `cache_bytes` of decompressed chunks between two reads. `source` must outlive the reader.
std::unique_ptr<FrameReader> open_frames(const SourceDescription& source, Index cache_bytes);

}  // namespace tessera
