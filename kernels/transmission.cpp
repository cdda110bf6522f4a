#include "kernels/transmission.hpp"

#include <cmath>

#include "kernels/launch.hpp"

namespace tessera {

namespace {

template <class Real>
struct Transmission {
  View3<const Real> phase, absorption;
  View3<Complex<Real>> t;
  Moved moved(double points) const { return points * Moved{bytes_of<Real, Real>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Real amplitude = std::exp(-absorption(s, y, x));
    const Real angle = phase(s, y, x);
    t(s, y, x) = {amplitude * std::cos(angle), amplitude * std::sin(angle)};
  }
};

template <class Real>
struct TransmissionTangent {
  View3<const Complex<Real>> t;
  View3<const Real> d_phase, d_absorption;
  View3<Complex<Real>> d_t;
  Moved moved(double points) const {
    return points * Moved{bytes_of<Complex<Real>, Real, Real>, bytes_of<Complex<Real>>};
  }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    d_t(s, y, x) = t(s, y, x) * Complex<Real>{-d_absorption(s, y, x), d_phase(s, y, x)};
  }
};

template <class Real>
struct TransmissionAdjoint {
  View3<const Complex<Real>> t, t_bar;
  View3<Real> phase_bar, absorption_bar;
  Moved moved(double points) const {
    return points * Moved{bytes_of<Complex<Real>, Complex<Real>>, bytes_of<Real, Real>};
  }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Complex<Real> product = conj(t(s, y, x)) * t_bar(s, y, x);
    phase_bar(s, y, x) = product.im;
    absorption_bar(s, y, x) = -product.re;
  }
};

template <class Real>
struct RatedTransmission {
  Real a, b;
  View3<const Real> u;
  View3<Complex<Real>> t;
  Moved moved(double points) const { return points * Moved{bytes_of<Real>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Real at = u(s, y, x), angle = a * at, amplitude = b == 0 ? Real{1} : std::exp(-b * at);
    t(s, y, x) = {amplitude * std::cos(angle), amplitude * std::sin(angle)};
  }
};

template <class Real>
struct RatedTangent {
  Real a, b;
  View3<const Complex<Real>> t;
  View3<const Real> d_u;
  View3<Complex<Real>> d_t;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>, Real>, bytes_of<Complex<Real>>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Real along = d_u(s, y, x);
    d_t(s, y, x) = t(s, y, x) * Complex<Real>{-b * along, a * along};
  }
};

template <class Real>
struct RatedAdjoint {
  Real a, b;
  View3<const Complex<Real>> t, t_bar;
  View3<Real> u_bar;
  Moved moved(double points) const { return points * Moved{bytes_of<Complex<Real>, Complex<Real>>, bytes_of<Real>}; }
  TESSERA_HD void operator()(Index s, Index y, Index x) const {
    const Complex<Real> product = conj(t(s, y, x)) * t_bar(s, y, x);
    u_bar(s, y, x) = a * product.im - b * product.re;
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

template <class Real>
void rated_transmission(const Lane& lane, double a, double b, View3<const Real> u, View3<Complex<Real>> t) {
  launch(lane, t.n, t.ny, t.nx, RatedTransmission<Real>{static_cast<Real>(a), static_cast<Real>(b), u, t});
}

template <class Real>
void rated_transmission_tangent(const Lane& lane, double a, double b, View3<const Complex<Real>> t,
                                View3<const Real> d_u, View3<Complex<Real>> d_t) {
  launch(lane, t.n, t.ny, t.nx, RatedTangent<Real>{static_cast<Real>(a), static_cast<Real>(b), t, d_u, d_t});
}

template <class Real>
void rated_transmission_adjoint(const Lane& lane, double a, double b, View3<const Complex<Real>> t,
                                View3<const Complex<Real>> t_bar, View3<Real> u_bar) {
  launch(lane, t.n, t.ny, t.nx, RatedAdjoint<Real>{static_cast<Real>(a), static_cast<Real>(b), t, t_bar, u_bar});
}

template void rated_transmission(const Lane&, double, double, View3<const float>, View3<Complex<float>>);
template void rated_transmission_tangent(const Lane&, double, double, View3<const Complex<float>>, View3<const float>,
                                         View3<Complex<float>>);
template void rated_transmission_adjoint(const Lane&, double, double, View3<const Complex<float>>,
                                         View3<const Complex<float>>, View3<float>);
template void rated_transmission(const Lane&, double, double, View3<const double>, View3<Complex<double>>);
template void rated_transmission_tangent(const Lane&, double, double, View3<const Complex<double>>, View3<const double>,
                                         View3<Complex<double>>);
template void rated_transmission_adjoint(const Lane&, double, double, View3<const Complex<double>>,
                                         View3<const Complex<double>>, View3<double>);
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
