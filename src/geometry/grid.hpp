#pragma once

#include "src/base/index.hpp"

namespace tessera {

/// A sampled window: ny x nx pixels of dy_A x dx_A angstrom. Windows may be oblong and pixels need not be square.
struct Grid {
  Index ny = 0;
  Index nx = 0;
  double dy_A = 0;
  double dx_A = 0;

  Index count() const { return ny * nx; }
  /// Frequency [1/A] of the bin at index i of an axis of n bins in FFT order (zero first, then positive, then
  /// negative).
  static double frequency_invA(Index i, Index n, double pixel_A) {
    const Index signed_bin = i < (n + 1) / 2 ? i : i - n;
    return static_cast<double>(signed_bin) / (static_cast<double>(n) * pixel_A);
  }
  double ky_invA(Index y) const { return frequency_invA(y, ny, dy_A); }
  double kx_invA(Index x) const { return frequency_invA(x, nx, dx_A); }
  friend bool operator==(const Grid&, const Grid&) = default;
};

}  // namespace tessera
