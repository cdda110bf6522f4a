#pragma once

#include <vector>

#include "src/geometry/matrix2.hpp"

namespace tessera {

/// Positions along a side at most in which a lattice is looked for: the middle of a larger scan.
inline constexpr Index most_scan_side = 1024;

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
  /// What noise does not pass in a thousand spectra, even if all channels show the same.
  double threshold() const;
};

/// `step_A` takes (row, column) to positions. Frequencies below `lowest_invA` are left at zero. Cost: a few FFTs of
/// sixteen times the positions, of four times above 512 x 512.
ScanSpectrum scan_spectrum(const ScanImages& images, const Matrix2& step_A, double lowest_invA);

/// A place where the spectrum stands out.
struct Spot {
  PointYX k;  ///< [1/A]
  double power = 0;
};

/// Local tops above the threshold in the half plane ky >= 0, 40 at the most, the strongest first.
std::vector<Spot> find_spots(const ScanSpectrum& spectrum);

}  // namespace tessera
