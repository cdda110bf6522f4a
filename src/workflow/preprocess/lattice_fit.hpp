#pragma once

#include <optional>

#include "src/workflow/options/preprocess_options.hpp"
#include "src/workflow/preprocess/scan_spectrum.hpp"

namespace tessera {

/// A lattice that the spectrum shows.
struct LatticeFit {
  LatticeVectors measured_A{};   ///< that correspond to the reference's
  Matrix2 affine{};              ///< scan.affine: what takes them to the reference's, turned
  double turn_rad = 0;           ///< from x towards y: the reference, so turned, is what the scan should show
  double error = 0;              ///< relative standard error of the vectors
  Index spots = 0;               ///< that lie on it, of a half plane
  Index off = 0;                 ///< that do not
  std::optional<Matrix2> rival;  ///< affine where other vectors of the same spots correspond as well, but more strained
};

/// The lattice whose vectors come to those of the reference by a turn and a strain of at most a quarter: of those
/// through two spots, with indices up to 2 as some may be extinct, the one on which most of the power lies, then the
/// least strained; all its spots fitted by least squares. These must reach every point of the lattice, or every second,
/// as of a centred one: else another, finer lattice would fit anything. Nothing where no such spots stand out of the
/// noise.
///
/// A lattice does not tell how a scan is turned: the turn is the one that leaves the fast scan direction, `fast_A`, as
/// it is, so that scan.affine undoes scale, shear and steady drift.
std::optional<LatticeFit> fit_lattice(const ScanSpectrum& spectrum, const LatticeVectors& reference_A,
                                      const PointYX& fast_A);

/// The shortest reciprocal vector of a lattice [1/A].
double shortest_frequency(const LatticeVectors& lattice_A);

}  // namespace tessera
