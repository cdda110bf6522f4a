#pragma once

#include <map>
#include <span>
#include <vector>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"
#include "src/geometry/atoms.hpp"
#include "src/geometry/scan.hpp"

namespace tessera {

/// Projects atoms onto a pixel grid: V(r) = h^2/(2 pi m e) sum_atoms int f_e(k) exp(2 pi i k (r - r_atom)) dk^2 [V A].
/// Each atom is a periodic patch of its own, at least 2 x `half_width_A` wide, band-limited by the pixel grid, and its
/// mean over the patch is exactly h^2/(2 pi m e) f_e(0) / area. A pixel's value depends on the atoms added to it and
/// on their order only, not on the box it is computed in. Source: E. J. Kirkland, Advanced Computing in Electron
/// Microscopy, 2nd ed., section 5.
class PotentialProjector {
 public:
  /// Only origin and pixel size of `frame` are used.
  PotentialProjector(const ObjectFrame& frame, double half_width_A);

  /// Adds one atom to `slice_VA` [y, x], the pixels of `box` in the frame.
  void add(const Atom& atom, const Box& box, std::span<double> slice_VA);
  /// Half the patch [A] in (y, x): atoms farther than this from a box do not reach it.
  PointYX reach_A() const;

 private:
  const std::vector<double>& factors(int Z);

  ObjectFrame frame_;
  Grid patch_;
  FftPlan<double> plan_;
  std::map<int, std::vector<double>> factors_;  ///< [Z] -> V A per frequency bin [y, x]
  Array<Complex<double>> buffer_;               ///< [y, x]
};

/// The slice that holds height z, of slices of equal thickness; atoms outside count to the nearest.
Index slice_of(double z_A, double thickness_A, Index n_slices);

/// The smallest even number from `n` on whose only prime factors are 2, 3 and 5: FFTs of such lengths are fast.
Index fast_even_length(Index n);

}  // namespace tessera
