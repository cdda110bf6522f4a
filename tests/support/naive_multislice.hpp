#pragma once

#include "src/optimisation/problem.hpp"

namespace tessera::testing {

/// The forward model in plain double loops, written from the formulas (Kirkland 2010, sec. 6.4) and not from the code:
/// Fourier transforms are sums over all pixels.
struct NaiveMultislice {
  Grid window;
  Index modes = 1;
  Index slices = 1;
  std::vector<double> gaps_A;
  Propagation propagation;

  /// I [y, x] of one position, zero frequency at [0,0]. `probe` [mode, y, x]; `transmission` [slice, y, x] on an object
  /// `object_nx` pixels wide and `object_ny` high.
  std::vector<double> intensity(const ComplexImage& probe, const ComplexImage& transmission, Index object_ny,
                                Index object_nx, const Placement& placement) const;
};

/// The loss of one pixel.
double naive_loss(const Loss& loss, double mu, double y);

}  // namespace tessera::testing
