#pragma once

#include <optional>
#include <vector>

#include "src/geometry/scan.hpp"

namespace tessera {

/// The rim of the bright-field disc as an ellipse: r(phi) = radius (1 + e_cos cos 2 phi + e_sin sin 2 phi) about the
/// centre, phi from +x toward +y. Errors are standard deviations, from the scatter of the rim.
struct Disc {
  PointYX centre_px;
  double radius_px = 0;
  double e_cos = 0, e_sin = 0;
  double centre_error_px = 0;  ///< along each axis
  double radius_error_px = 0;
  double e_error = 0;

  /// (longest - shortest)/mean radius.
  double ellipticity() const;
  double ellipticity_error() const { return 2 * e_error; }
  /// Longest over shortest radius.
  double long_over_short() const;
  /// Direction of the longest radius [degrees] from +x toward +y.
  double longest_deg() const;
};

/// From a mean pattern [ky, kx], its valid pixels (1 or 0) and a first centre and radius. The rim at an azimuth is
/// where a sharp edge would hold the same counts, between 0.6 and 1.4 radii (or the border, at least 1.1): r_in +
/// integral of (I - I_out)/(I_in - I_out) with the levels of either side. Azimuths whose rim is hidden by invalid
/// pixels or the border are left out; nothing where fewer than half are left, or where the rim scatters by more than a
/// fifth of the radius.
std::optional<Disc> fit_disc(const std::vector<double>& mean, const std::vector<double>& valid, Index ny, Index nx,
                             const PointYX& centre_px, double radius_px);

}  // namespace tessera
