#include "kernels/subpixel_shift.hpp"

#include <cmath>

#include "kernels/launch.hpp"
#include "src/base/constants.hpp"

namespace tessera {

namespace {

template <class Real>
struct ShiftRamp {
  View3<const double> fraction;
  Index axis;  ///< 0 for y, 1 for x
  View3<Complex<Real>> ramp;
  TESSERA_HD void operator()(Index p, Index, Index i) const {
    const Index bin = i < (ramp.nx + 1) / 2 ? i : i - ramp.nx;
    const double phase = -2 * pi * static_cast<double>(bin) / static_cast<double>(ramp.nx) * fraction(p, 0, axis);
    ramp(p, 0, i) = {static_cast<Real>(cos(phase)), static_cast<Real>(sin(phase))};
  }
};

template <class Real>
struct Illuminate {
  FrequencyBand band;
  View3<const Complex<Real>> probe_hat, ramp_y, ramp_x;
  View3<Complex<Real>> psi_hat;
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    psi_hat(p, y, x) = probe_hat(0, y, x) * (ramp_y(p, 0, y) * ramp_x(p, 0, x));
  }
};

template <class Real>
struct IlluminateAdjoint {
  FrequencyBand band;
  View3<const Complex<Real>> psi_hat_bar, ramp_y, ramp_x;
  View3<Complex<Real>> probe_hat_bar;
  TESSERA_HD void operator()(Index p, Index i, Index x) const {
    const Index y = band.row(i);
    Complex<Real>& sum = probe_hat_bar(0, y, x);
    sum = sum + conj(ramp_y(p, 0, y) * ramp_x(p, 0, x)) * psi_hat_bar(p, y, x);
  }
};

}  // namespace

template <class Real>
void shift_ramps(DeviceKind device, View3<const double> fraction, View3<Complex<Real>> ramp_y,
                 View3<Complex<Real>> ramp_x) {
  launch(device, ramp_y.n, 1, ramp_y.nx, ShiftRamp<Real>{.fraction = fraction, .axis = 0, .ramp = ramp_y});
  launch(device, ramp_x.n, 1, ramp_x.nx, ShiftRamp<Real>{.fraction = fraction, .axis = 1, .ramp = ramp_x});
}

template <class Real>
void illuminate(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> probe_hat,
                View3<const Complex<Real>> ramp_y, View3<const Complex<Real>> ramp_x, View3<Complex<Real>> psi_hat) {
  launch(
      device, psi_hat.n, band.rows(), psi_hat.nx,
      Illuminate<Real>{.band = band, .probe_hat = probe_hat, .ramp_y = ramp_y, .ramp_x = ramp_x, .psi_hat = psi_hat});
}

template <class Real>
void illuminate_adjoint(DeviceKind device, const FrequencyBand& band, View3<const Complex<Real>> psi_hat_bar,
                        View3<const Complex<Real>> ramp_y, View3<const Complex<Real>> ramp_x,
                        View3<Complex<Real>> probe_hat_bar) {
  for (Index p = 0; p < psi_hat_bar.n; ++p)
    launch(device, 1, band.rows(), psi_hat_bar.nx,
           IlluminateAdjoint<Real>{.band = band,
                                   .psi_hat_bar = psi_hat_bar.part(p, 1),
                                   .ramp_y = ramp_y.part(p, 1),
                                   .ramp_x = ramp_x.part(p, 1),
                                   .probe_hat_bar = probe_hat_bar});
}

template void shift_ramps(DeviceKind, View3<const double>, View3<Complex<float>>, View3<Complex<float>>);
template void shift_ramps(DeviceKind, View3<const double>, View3<Complex<double>>, View3<Complex<double>>);
template void illuminate(DeviceKind, const FrequencyBand&, View3<const Complex<float>>, View3<const Complex<float>>,
                         View3<const Complex<float>>, View3<Complex<float>>);
template void illuminate(DeviceKind, const FrequencyBand&, View3<const Complex<double>>, View3<const Complex<double>>,
                         View3<const Complex<double>>, View3<Complex<double>>);
template void illuminate_adjoint(DeviceKind, const FrequencyBand&, View3<const Complex<float>>,
                                 View3<const Complex<float>>, View3<const Complex<float>>, View3<Complex<float>>);
template void illuminate_adjoint(DeviceKind, const FrequencyBand&, View3<const Complex<double>>,
                                 View3<const Complex<double>>, View3<const Complex<double>>, View3<Complex<double>>);

}  // namespace tessera
