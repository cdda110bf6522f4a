#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "src/workflow/calibrate/orientation.hpp"

namespace tessera {

/// Centres of mass of the patterns of a raster [row, column] along the raw detector's axes [1/A].
struct Deflections {
  Index rows = 0, columns = 0;
  std::vector<PointYX> values;
};

/// What deflections say of the orientation. A specimen that only turns the phase deflects by the gradient of that
/// phase, blurred by the probe: W c has no curl where W is right (mirrored or not, and up to half a turn), whatever the
/// defocus.
struct DeflectionFinding {
  bool mirrored = false;
  double turn_rad = 0;        ///< W = turn(turn_rad, mirrored), up to half a turn
  double turn_error_rad = 0;  ///< from 16 parts of the scan, each left out once
  double gap = 0;  ///< how many errors the anisotropy of curl and divergence lies above the other handedness's
  /// Where atoms are bright, the divergence of W c is negative at them: skewness of -div (W c), and in its errors.
  double skewness = 0, skewness_in_errors = 0;
  bool sure() const { return gap > 3 && turn_error_rad < 0.18; }
  bool sign_sure() const { return std::abs(skewness_in_errors) > 3; }
};

/// `step` takes (row, column) to nominal positions [A]. Deflections are smoothed with the Gaussian (0, 1, 2 or 4 steps)
/// that leaves the smallest error; their plane is removed first, as descan is one. Nothing of rasters below 8 x 8.
std::optional<DeflectionFinding> find_by_deflection(const Deflections& deflections, const Matrix2& step);

/// The phase [rad] whose gradient fits W c best (least squares in Fourier space, periodic after a mirror image is laid
/// beside), [row, column], the plane of the deflections removed.
std::vector<double> integrated_phase(const Deflections& deflections, const Matrix2& to_scan, const Matrix2& step);

}  // namespace tessera
