#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "src/workflow/calibrate/orientation.hpp"

namespace tessera {

/// Images of the scan, each from the electrons of one patch (cell) of the bright-field disc.
struct TiltedImages {
  Index rows = 0, columns = 0;
  std::vector<PointYX> place;              ///< [cell] on the raw detector, in radii of the disc from its centre
  std::vector<std::vector<float>> images;  ///< [cell][row, column] electrons
  std::vector<double> electrons;           ///< [row, column] of the whole detector
};

/// Electrons that reach the detector at an angle q come from where the aberrations sent them: the image of cell q is
/// that of the axis, displaced by D q, D = R^T (C10 1 + C12 ...) O alpha in angstrom per radius of the disc
/// (parallax, tilt-corrected bright field: Spoth et al. 2020; Varnavides et al., arXiv:2309.05250).
struct TiltFinding {
  Matrix2 shift;             ///< D [A per radius], raw (y, x) to nominal scan (y, x)
  Matrix2 error;             ///< standard deviation of each, from four quarters of the cells, each left out once
  double significance = 0;   ///< of the agreement of the displaced images, in standard deviations of that of noise
  double rival = 0;          ///< agreement of the best displacement elsewhere, as a share of this one's
  double largest_steps = 0;  ///< displacement at the disc's rim [steps of the scan]

  bool sure() const;
};

/// Finds the displacement that lets all images agree. Search: displacements of equal length for all directions up to a
/// quarter of the scan (24 steps at the most) with all turns, mirrored or not, half a step apart; then all four
/// elements. `step` takes (row, column) to nominal positions [A]. Nothing of rasters below 8 x 8 or fewer than 8 cells.
/// Cost: O(cells x frequencies x turns), a few seconds on root.
std::optional<TiltFinding> find_by_tilt(const TiltedImages& images, const Matrix2& step);

/// The sum of all images, each displaced back by `shift`, [row, column]; mean 0.
std::vector<double> tilt_corrected(const TiltedImages& images, const Matrix2& step, const Matrix2& shift);

}  // namespace tessera
