#pragma once

#include <optional>
#include <vector>

#include "src/geometry/matrix2.hpp"
#include "src/workflow/options/preprocess_options.hpp"

namespace tessera {

/// What each pattern of a raster says of its place: [channel][row, column].
struct ScanImages {
  Index rows = 0, columns = 0;
  std::vector<std::vector<double>> channels = {};
};

/// How strongly the images repeat with a frequency: their power, tapered towards the borders and padded with zeros.
/// [ky, kx], zero frequency at (0, 0), a bin is 1 / (n step) along each axis.
struct ScanSpectrum {
  struct Channel {
    std::vector<double> power;
    std::vector<double> noise;  ///< [ring of |k|] its mean power there: of a median, which spots do not move
  };
  Index ny = 0, nx = 0;
  std::vector<Channel> channels = {};
  std::vector<double> radius = {};  ///< |k| in widths of a ring; -1: too low to be looked at
  double pad = 1;                   ///< bins to a resolved frequency
  Matrix2 to_k = {};                ///< bins (y, x) to 1/A

  /// Power of all channels at bin `i`, each in units of its noise at bin `at`.
  double power(Index i, Index at) const;
  double power(Index i) const { return power(i, i); }
  /// What noise passes once in about a thousand spectra.
  double threshold() const;
};

/// `step_A` takes (row, column) to positions. Frequencies below `lowest_invA` are left at zero. Cost: a few FFTs of
/// sixteen times the positions, of four times above 512 x 512.
ScanSpectrum scan_spectrum(const ScanImages& images, const Matrix2& step_A, double lowest_invA);

/// A lattice that the spectrum shows.
struct LatticeFit {
  LatticeVectors measured_A{};  ///< that correspond to the reference's
  double turn_rad = 0;          ///< from x towards y: the reference, so turned, is what the scan should show
  double error = 0;             ///< relative standard error of the vectors
  Index spots = 0;              ///< that lie on it, of a half plane
  Index off = 0;                ///< that do not
};

/// The lattice whose vectors come to those of the reference by a turn and a strain of at most a quarter: of those
/// through two spots, with indices up to 2 as some may be extinct, the one on which most of the power lies; then all
/// its spots fitted. These must reach every point of the lattice, or every second, as of a centred one: else another,
/// finer lattice would fit anything. Nothing where no such spots stand out of the noise.
///
/// A lattice does not tell how a scan is turned: the turn is the one that leaves the fast scan direction, x, as it is,
/// so that scan.affine undoes scale, shear and steady drift.
std::optional<LatticeFit> fit_lattice(const ScanSpectrum& spectrum, const LatticeVectors& reference_A);

/// The shortest reciprocal vector of a lattice [1/A].
double shortest_frequency(const LatticeVectors& lattice_A);

}  // namespace tessera
