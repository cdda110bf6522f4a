#pragma once

#include <vector>

#include "src/arrays/array.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// Which windows of a batch cover which part of a tile, so that a GPU's threads own pixels of the tile and sum what the
/// windows say of them in the order of the positions: the same bits every time, without atomics. The covered part is
/// cut into blocks of rows x columns pixels; the windows of block b are position[start[b] .. start[b + 1] - 1],
/// ascending.
struct WindowCover {
  static constexpr Index rows = 8, columns = 32;  ///< a block of threads; a row of it is one warp

  Index blocks = 0;
  const PixelYX* corner = nullptr;  ///< [block] its first pixel in the tile
  const Index* start = nullptr;     ///< [block + 1]
  const Index* position = nullptr;  ///< [start[blocks]]
};

/// Owns a cover on a device: about (ny/rows + 1)(nx/columns + 1) numbers for each position.
class WindowCoverArrays {
 public:
  WindowCoverArrays() = default;
  /// Of windows [ny, nx] at `corners`, the positions of a batch.
  WindowCoverArrays(DeviceKind device, const std::vector<PixelYX>& corners, Index ny, Index nx);
  WindowCover view() const { return {corner_.count(), corner_.data(), start_.data(), position_.data()}; }
  std::size_t bytes() const { return corner_.bytes() + start_.bytes() + position_.bytes(); }

 private:
  Array<PixelYX> corner_;
  Array<Index> start_, position_;
};

}  // namespace tessera
