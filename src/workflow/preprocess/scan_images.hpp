#pragma once

#include "src/workflow/preprocess/scan_spectrum.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

/// (row, column) of the scan to nominal positions. InputError, the same on every rank, where these are no raster, or
/// one in which the reference lattice could not be found: of fewer than four of its cells along a side, or too coarse.
Matrix2 lattice_raster(const PreprocessInput& input, const LatticeVectors& reference_A);

/// A pass over all patterns (collective): of each of the middle positions the counts, the centre of mass (y, x) and the
/// mean square distance from the middle of the detector, which tells scattering apart; blank ones show the mean.
ScanImages read_scan_images(const StepPlace& place, const Correction& correction);

}  // namespace tessera
