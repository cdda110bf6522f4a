#pragma once

#include <span>

#include "src/geometry/grid.hpp"

namespace tessera {

/// How a detector sees the finely sampled intensity of a larger simulation window: detector pixels are `ry` x `rx`
/// frequency bins apart.
struct DetectorSampling {
  Grid window;   ///< simulation window
  Index ny = 0;  ///< detector pixels
  Index nx = 0;
  Index ry = 1;  ///< window size / detector window (1/dk)
  Index rx = 1;
  bool integrate = false;  ///< sum the bins around a pixel; otherwise take the one at its centre
};

/// The whole number of window bins per detector pixel, window_A x dk_invA; throws InputError when it is farther than
/// a thousandth from a whole number, or not positive.
Index bins_per_pixel(double window_A, double dk_invA, const char* axis);

/// Throws InputError when the window's frequencies do not reach the detector's edge.
void check_detector_reach(const DetectorSampling& sampling);

/// D[I]: `fine` [y, x] intensity of the window, zero frequency at [0, 0]; `pixels` [ky, kx], zero frequency at
/// (ny/2, nx/2). Sampled: I(q) ry rx. Integrated: the sum of I over the ry x rx bins around q, with weight 1/2 at both
/// edges when the number is even. Both keep the total of a smooth pattern.
template <class Real>
void detect(const DetectorSampling& sampling, std::span<const Real> fine, std::span<double> pixels);

}  // namespace tessera
