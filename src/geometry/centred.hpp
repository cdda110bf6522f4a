#pragma once

#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// A plane [ny, nx] in the order of an FFT as files and pictures have it: zero frequency from pixel (0, 0) to pixel
/// (floor(ny/2), floor(nx/2)).
template <class T>
std::vector<T> centred(const std::vector<T>& plane, Index ny, Index nx) {
  std::vector<T> turned(plane.size());
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) turned[(y + ny / 2) % ny * nx + (x + nx / 2) % nx] = plane[y * nx + x];
  return turned;
}

}  // namespace tessera
