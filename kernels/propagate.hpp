#pragma once

#include "src/arrays/complex.hpp"
#include "src/arrays/device.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// wave_hat(p, y, x) *= table(0, y, x), in place: free-space propagator, band limit or any other diagonal operator.
template <class Real>
void multiply_table(DeviceKind device, View3<const Complex<Real>> table, View3<Complex<Real>> wave_hat);

/// Its adjoint: multiplies by the conjugate.
template <class Real>
void multiply_table_adjoint(DeviceKind device, View3<const Complex<Real>> table, View3<Complex<Real>> wave_hat);

}  // namespace tessera
