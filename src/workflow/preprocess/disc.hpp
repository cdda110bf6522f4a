#pragma once

#include <optional>
#include <span>
#include <vector>

#include "src/geometry/scan.hpp"

namespace tessera {

/// The bright-field disc of a mean pattern, an ellipse.
struct DiscFit {
  PointYX centre_px;
  double radius_px = 0;     ///< root of the product of its half axes
  double ratio = 1;         ///< long over short axis
  double angle_rad = 0;     ///< of the long axis, from x towards y, in [-pi/2, pi/2)
  double scatter_px = 0;    ///< of its rim about the ellipse
  Index rays = 0;           ///< on which the rim was seen
  double error_px() const;  ///< standard error of the centre along an axis
};

/// Where the mean pattern [ky, kx] falls through half of the step at its rim, on rays from the centre; the centre is
/// where the first harmonic of the distance vanishes, and a conic is fitted to the points, without those beyond three
/// robust standard deviations. Nothing where there is no disc with a rim, or half of the rays meet none.
std::optional<DiscFit> fit_disc(std::span<const double> mean, std::span<const double> valid, Index ny, Index nx,
                                double patterns);

}  // namespace tessera
