#pragma once

#include "src/workflow/preprocess/lattice_fit.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

/// The part of a raster in which a lattice is looked for, and its images.
struct ScanPart {
  ScanImages images;
  Matrix2 step_A;  ///< (row, column) to nominal positions
};

/// A pass over the patterns of the middle 1024 x 1024 positions at most (collective): of each the counts, the centre of
/// mass (y, x) and the mean square distance from the middle of the detector, which tells scattering apart. InputError
/// where patterns lie on no raster.
ScanPart read_scan_part(const StepPlace& place, const Correction& correction);

}  // namespace tessera
