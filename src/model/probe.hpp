#pragma once

#include <complex>
#include <vector>

#include "src/geometry/grid.hpp"
#include "src/model/aberrations.hpp"

namespace tessera {

using ComplexImage = std::vector<std::complex<double>>;  ///< [y, x] or [mode, y, x], C order

/// Sum of |psi|^2 over all pixels and modes [electron].
double power(const ComplexImage& wave);

/// Probe wave psi(r) = IFFT[A(k) exp(-i chi(k))] of unit power, centre at pixel floor(N/2) of the window. The
/// aperture's edge is a ramp one frequency bin wide, which keeps the power a smooth function of the angle. Throws
/// InputError when the aperture reaches beyond the window's band.
ComplexImage make_probe(const Grid& window, double wavelength_A, double semiangle_rad,
                        const std::vector<Aberration>& aberrations);

/// `modes` modes [mode, y, x] from one: the further ones are Hermite-Gauss products of the first with 5 % of its power
/// each, made orthogonal to those before; the total power is that of `first`.
ComplexImage make_modes(const ComplexImage& first, const Grid& window, int modes);

/// The waves [mode, y, x] of a window on another of the same extent that has at least its pixels: their spectrum among
/// zeros. Power and detected intensities stay.
ComplexImage on_finer_pixels(const ComplexImage& waves, const Grid& from, const Grid& to);

/// Scales all modes so that the sum of |psi|^2 is `electrons`.
void scale_to(ComplexImage& probe, double electrons);

/// Pairs (re, im), as an Instrument holds waves.
std::vector<double> as_reals(const ComplexImage& waves);

/// Power within the outer frame (a tenth of the window on each side) over the whole: near zero when
/// the probe fits its window.
double power_at_rim(const ComplexImage& probe, const Grid& window);

/// Radius [A] about the centre of power within which a share of it lies, all modes together. 0.84 is what the first
/// ring of a focused probe holds, 0.61 lambda/alpha.
double radius_that_holds(const ComplexImage& probe, const Grid& window, double share);

}  // namespace tessera
