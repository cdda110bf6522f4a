#pragma once

#include <array>

#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// Of the electrons' energy, or as given [A].
double beam_wavelength_A(const BeamOptions& beam);

/// Detector pixel (y, x) [1/A] from whichever calibration the options hold; throws InputError when there is none.
std::array<double, 2> detector_step_invA(const RunOptions& options, double wavelength_A);

}  // namespace tessera
