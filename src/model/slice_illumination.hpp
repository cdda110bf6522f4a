#pragma once

#include <vector>

#include "src/model/probe.hpp"
#include "src/model/propagator.hpp"

namespace tessera {

/// |psi_s(r)|^2 summed over the modes, [slice, y, x] as the window lies on the object: the
/// band-limited probe propagated through vacuum to each slice. With it the Fisher diagonal of a phase voxel is
/// D_s(r) = 2 a_bl sum_j illumination_s(r - corner_j), good to a tenth for thin films.
std::vector<double> slice_illumination(const ComplexImage& probe, const Grid& window, const Propagation& propagation,
                                       const std::vector<double>& gaps_A);

}  // namespace tessera
