#pragma once

#include <array>

#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// The matrix [[a, b], [c, d]] on (y, x) that takes both measured vectors to the reference ones: scan.affine, which
/// undoes scale, shear, rotation and steady drift of a scan.
std::array<double, 4> lattice_affine(const LatticeVectors& measured_A, const LatticeVectors& reference_A);

}  // namespace tessera
