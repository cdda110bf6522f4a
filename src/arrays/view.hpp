#pragma once

#include "src/base/index.hpp"
#include "src/base/portable.hpp"

namespace tessera {

/// Non-owning, C order, x fastest: element (p, y, x) of a [n, ny, nx] array.
template <class T>
struct View3 {
  T* data = nullptr;
  Index n = 0;
  Index ny = 0;
  Index nx = 0;

  TESSERA_HD T& operator()(Index p, Index y, Index x) const { return data[(p * ny + y) * nx + x]; }
  TESSERA_HD Index count() const { return n * ny * nx; }
  /// The entries first .. first + m - 1 of the leading axis.
  TESSERA_HD View3 part(Index first, Index m) const { return {data + first * ny * nx, m, ny, nx}; }
  TESSERA_HD operator View3<const T>() const { return {data, n, ny, nx}; }
};

}  // namespace tessera
