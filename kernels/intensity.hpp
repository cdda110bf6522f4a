#pragma once

#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// intensity(p, y, x) = scale sum_w |psi_hat(w, p, y, x)|^2, of incoherent waves of intensity.n positions each, added
/// to what is there when `accumulate`.
template <class Real>
void add_intensity(const Lane& lane, Real scale, View3<const Complex<Real>> psi_hat, View3<Real> intensity,
                   bool accumulate);

/// The tangent: d_intensity = 2 scale Re(conj(psi_hat) d_psi_hat), added when `accumulate`.
template <class Real>
void add_intensity_tangent(const Lane& lane, Real scale, View3<const Complex<Real>> psi_hat,
                           View3<const Complex<Real>> d_psi_hat, View3<Real> d_intensity, bool accumulate);

/// The adjoint of the sum, in place: psi_hat_bar(w, p) = 2 scale intensity_bar(p) psi_hat(w, p).
template <class Real>
void intensity_adjoint(const Lane& lane, Real scale, View3<const Real> intensity_bar, View3<Complex<Real>> psi_hat);

/// map(0, corner + (y, x)) += scale intensity(0, y, x): how much light an object pixel saw.
void add_illumination(const Lane& lane, double scale, View3<const double> intensity, PixelYX corner, View3<double> map);

}  // namespace tessera
