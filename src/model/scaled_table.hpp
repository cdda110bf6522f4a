#pragma once

#include <complex>
#include <vector>

#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"

namespace tessera {

/// A table of Fourier space [y, x] on the device, with the factor 1/(ny nx) of the inverse FFT that follows it.
template <class Real, class Value>
Array<Complex<Real>> scaled_table(DeviceKind device, const std::vector<Value>& values) {
  const double scale = 1.0 / static_cast<double>(values.size());
  std::vector<Complex<Real>> table;
  table.reserve(values.size());
  for (const Value& value : values) {
    const std::complex<double> z = value;
    table.push_back({static_cast<Real>(scale * z.real()), static_cast<Real>(scale * z.imag())});
  }
  return make_array(device, table);
}

}  // namespace tessera
