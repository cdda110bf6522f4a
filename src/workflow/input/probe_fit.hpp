#pragma once

#include "src/model/probe.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// Throws InputError when more modes are asked for than the window's pixels can tell apart, 16 pixels each: every pair
/// of them costs a sum over the window.
void check_modes(const BeamOptions& beam, const Grid& window);

/// Throws InputError when the detector of that window would reach to a right angle: no wave goes there.
void check_angles(const Grid& window, double wavelength_A);

/// Throws InputError when the aperture reaches beyond the band that propagates, `band_limit` of the Nyquist frequency.
void check_band(const BeamOptions& beam, const Grid& window, double wavelength_A, double band_limit);

/// Throws InputError when more than a tenth of the probe [mode, y, x] lies at the rim of its window. Of a computed
/// probe it is found out what takes it there: the aperture alone, its aberrations, or further modes.
void check_fits(const ComplexImage& probe, const BeamOptions& beam, const Grid& window, double wavelength_A);

/// Whether one mode of a computed probe would pass check_fits.
bool computed_fits(const BeamOptions& beam, const Grid& window, double wavelength_A);

}  // namespace tessera
