#pragma once

#include "src/arrays/array.hpp"

namespace tessera {

/// Sums [n, ny, nx] in double precision, in an order that depends on the shape alone. `row_sums` is scratch [n * ny].
template <class Real>
double sum(DeviceKind device, View3<const Real> values, Array<double>& row_sums);

}  // namespace tessera
