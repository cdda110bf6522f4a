#pragma once

#include "kernels/frequency_band.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/device.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// wave_hat(p, y, x) *= table(0, y, x), in place, in the rows y of the band: free-space propagator, band limit or any
/// other diagonal operator that is zero outside the band.
template <class Real>
void multiply_table(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> table,
                    View3<Complex<Real>> wave_hat);

/// Its adjoint: multiplies by the conjugate.
template <class Real>
void multiply_table_adjoint(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> table,
                            View3<Complex<Real>> wave_hat);

}  // namespace tessera
