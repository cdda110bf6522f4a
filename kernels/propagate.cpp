#include "kernels/propagate.hpp"

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real, bool conjugate>
struct MultiplyTable {
  FrequencyBand band;
  View3<const Complex<Real>> table;
  View3<Complex<Real>> wave_hat;
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    Complex<Real>& wave = wave_hat(p, y, x);
    if constexpr (conjugate)
      wave = conj(table(0, y, x)) * wave;
    else
      wave = table(0, y, x) * wave;
  }
};

}  // namespace

template <class Real>
void multiply_table(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> table,
                    View3<Complex<Real>> wave_hat) {
  launch(device, wave_hat.n, band.rows(), wave_hat.nx,
         MultiplyTable<Real, false>{.band = band, .table = table, .wave_hat = wave_hat});
}

template <class Real>
void multiply_table_adjoint(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> table,
                            View3<Complex<Real>> wave_hat) {
  launch(device, wave_hat.n, band.rows(), wave_hat.nx,
         MultiplyTable<Real, true>{.band = band, .table = table, .wave_hat = wave_hat});
}

template void multiply_table(DeviceKind, const FrequencyBand&, View3<const Complex<float>>, View3<Complex<float>>);
template void multiply_table(DeviceKind, const FrequencyBand&, View3<const Complex<double>>, View3<Complex<double>>);
template void multiply_table_adjoint(DeviceKind, const FrequencyBand&, View3<const Complex<float>>,
                                     View3<Complex<float>>);
template void multiply_table_adjoint(DeviceKind, const FrequencyBand&, View3<const Complex<double>>,
                                     View3<Complex<double>>);

}  // namespace tessera
