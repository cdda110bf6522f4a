#pragma once

#include <vector>

#include "src/workflow/calibrate/tilted_images.hpp"

namespace tessera {

/// What tells how a bright-field image shows a phase.
struct ParallaxOptics {
  double wavelength_A = 0;
  double semiangle_rad = 0;
  Matrix2 defocus_A{};  ///< symmetric, along the nominal scan's axes: C10 and C12
};

/// The phase [rad] of a thin specimen from the sum of its displaced images [row, column] of mean 0 (tilt_corrected):
/// each frequency k of it was multiplied by 2 sin(pi wavelength k^T D k) and by the share of the aperture that an
/// aperture at k covers, which is undone where it is not small (Wiener's filter with a constant of 0.1), up to twice
/// the aperture (parallax: Varnavides et al., arXiv:2309.05250). `step` takes (row, column) to nominal positions [A].
/// In focus there is no contrast, and nothing to undo.
std::vector<double> parallax_phase(const std::vector<double>& image, Index rows, Index columns, const Matrix2& step,
                                   const ParallaxOptics& optics);

}  // namespace tessera
