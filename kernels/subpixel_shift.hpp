#pragma once

#include "kernels/frequency_band.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/device.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// The shift by (fy, fx) pixels as two phase ramps: ramp_y(p, 0, y) = exp(-2 pi i k_y fy), k in cycles per pixel, and
/// the same for x. `fraction` is [position, 1, 2], (fy, fx). The sines are taken in double precision.
template <class Real>
void shift_ramps(DeviceKind device, View3<const double> fraction, View3<Complex<Real>> ramp_y,
                 View3<Complex<Real>> ramp_x);

/// psi_hat(p, y, x) = probe_hat(0, y, x) ramp_y(p, 0, y) ramp_x(p, 0, x) in the rows y of the band.
template <class Real>
void illuminate(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> probe_hat,
                View3<const Complex<Real>> ramp_y, View3<const Complex<Real>> ramp_x, View3<Complex<Real>> psi_hat);

/// Its adjoint: probe_hat_bar(0, y, x) += sum_p conj(ramp_y ramp_x) psi_hat_bar(p, y, x) in the same
/// rows, in the order of p.
template <class Real>
void illuminate_adjoint(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> psi_hat_bar,
                        View3<const Complex<Real>> ramp_y, View3<const Complex<Real>> ramp_x,
                        View3<Complex<Real>> probe_hat_bar);

}  // namespace tessera
