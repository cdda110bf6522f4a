#pragma once

#include "src/model/instrument.hpp"
#include "src/model/propagator.hpp"

namespace tessera {

/// Gaps and tilts as phases between the slices (physics of a tilted specimen: a shear):
///   phase_s(k) = tau(k) (gap_s - nominal_s) + 2 pi gap_s k.tan(tilt),   slope_sj = gap_s tan(tilt_j)/pixel.
/// The nominal gap is the propagator's own. Where a wave is evanescent, nothing passes and tau counts as 0.
class FreeSpace {
 public:
  FreeSpace(const Grid& window, const Propagation& propagation, const std::vector<double>& nominal_gaps_A);

  /// Adds the phases of `instrument` to its sites.
  void expand(Instrument& instrument) const;
  /// The tangent: adds what `direction` changes of the phases at `instrument` to the direction's sites.
  void expand_tangent(const Instrument& instrument, Instrument& direction) const;
  /// Asks for the gradients of the sites that those of `wanted` are made from, at `instrument`.
  void want(const Instrument& instrument, Instrument& wanted, Index positions) const;
  /// The adjoint: gradients of gaps and tilts, where wanted, from those of the sites, at `instrument`.
  void collect(const Instrument& instrument, Instrument& gradient) const;

 private:
  Index gaps() const { return static_cast<Index>(nominal_A_.size()); }
  /// tau(k) + 2 pi k.tan(tilt) [rad/A].
  double rate(const Instrument& instrument, Index pixel) const;
  double ky_invA(Index pixel) const { return window_.ky_invA(pixel / window_.nx); }
  double kx_invA(Index pixel) const { return window_.kx_invA(pixel % window_.nx); }

  Grid window_;
  std::vector<double> nominal_A_;
  std::vector<double> tau_;  ///< [y, x] rad/A
};

}  // namespace tessera
