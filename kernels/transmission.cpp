#include "kernels/transmission.hpp"

#include <cmath>

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct Transmission {
  View3<const Real> phase, absorption;
  View3<Complex<Real>> t;
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Real amplitude = absorption.data ? std::exp(-absorption(s, y, x)) : Real{1};
    const Real angle = phase(s, y, x);
    t(s, y, x) = {amplitude * std::cos(angle), amplitude * std::sin(angle)};
  }
};

template <class Real>
struct TransmissionTangent {
  View3<const Complex<Real>> t;
  View3<const Real> d_phase, d_absorption;
  View3<Complex<Real>> d_t;
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    d_t(s, y, x) = t(s, y, x) * Complex<Real>{d_absorption.data ? -d_absorption(s, y, x) : Real{0}, d_phase(s, y, x)};
  }
};

template <class Real>
struct TransmissionAdjoint {
  View3<const Complex<Real>> t, t_bar;
  View3<Real> phase_bar, absorption_bar;
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Complex<Real> product = conj(t(s, y, x)) * t_bar(s, y, x);
    phase_bar(s, y, x) = product.im;
    if (absorption_bar.data) absorption_bar(s, y, x) = -product.re;
  }
};

}  // namespace

template <class Real>
void transmission(const Lane& lane, View3<const Real> phase, View3<const Real> absorption, View3<Complex<Real>> t) {
  launch(lane, t.n, t.ny, t.nx, Transmission<Real>{.phase = phase, .absorption = absorption, .t = t});
}

template <class Real>
void transmission_tangent(const Lane& lane, View3<const Complex<Real>> t, View3<const Real> d_phase,
                          View3<const Real> d_absorption, View3<Complex<Real>> d_t) {
  launch(lane, t.n, t.ny, t.nx,
         TransmissionTangent<Real>{.t = t, .d_phase = d_phase, .d_absorption = d_absorption, .d_t = d_t});
}

template <class Real>
void transmission_adjoint(const Lane& lane, View3<const Complex<Real>> t, View3<const Complex<Real>> t_bar,
                          View3<Real> phase_bar, View3<Real> absorption_bar) {
  launch(lane, t.n, t.ny, t.nx,
         TransmissionAdjoint<Real>{.t = t, .t_bar = t_bar, .phase_bar = phase_bar, .absorption_bar = absorption_bar});
}

template void transmission(const Lane&, View3<const float>, View3<const float>, View3<Complex<float>>);
template void transmission(const Lane&, View3<const double>, View3<const double>, View3<Complex<double>>);
template void transmission_tangent(const Lane&, View3<const Complex<float>>, View3<const float>, View3<const float>,
                                   View3<Complex<float>>);
template void transmission_tangent(const Lane&, View3<const Complex<double>>, View3<const double>, View3<const double>,
                                   View3<Complex<double>>);
template void transmission_adjoint(const Lane&, View3<const Complex<float>>, View3<const Complex<float>>, View3<float>,
                                   View3<float>);
template void transmission_adjoint(const Lane&, View3<const Complex<double>>, View3<const Complex<double>>,
                                   View3<double>, View3<double>);

}  // namespace tessera
