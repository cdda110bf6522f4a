#include "kernels/propagate.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real, bool conjugate>
struct MultiplyTable {
  View3<const Complex<Real>> table;
  View3<Complex<Real>> wave_hat;
  TESSERA_HD void operator()(Index p, Index y, Index x) const {
    Complex<Real>& wave = wave_hat(p, y, x);
    if constexpr (conjugate)
      wave = conj(table(0, y, x)) * wave;
    else
      wave = table(0, y, x) * wave;
  }
};

}  // namespace

template <class Real>
void multiply_table(DeviceKind device, View3<const Complex<Real>> table, View3<Complex<Real>> wave_hat) {
  launch(device, wave_hat.n, wave_hat.ny, wave_hat.nx,
         MultiplyTable<Real, false>{.table = table, .wave_hat = wave_hat});
}

template <class Real>
void multiply_table_adjoint(DeviceKind device, View3<const Complex<Real>> table, View3<Complex<Real>> wave_hat) {
  launch(device, wave_hat.n, wave_hat.ny, wave_hat.nx, MultiplyTable<Real, true>{.table = table, .wave_hat = wave_hat});
}

template void multiply_table(DeviceKind, View3<const Complex<float>>, View3<Complex<float>>);
template void multiply_table(DeviceKind, View3<const Complex<double>>, View3<Complex<double>>);
template void multiply_table_adjoint(DeviceKind, View3<const Complex<float>>, View3<Complex<float>>);
template void multiply_table_adjoint(DeviceKind, View3<const Complex<double>>, View3<Complex<double>>);

}  // namespace tessera
