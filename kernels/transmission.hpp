#pragma once

#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// t = exp(i phase - absorption), [slice, y, x]. An empty `absorption` view stands for zero.
template <class Real>
void transmission(const Lane& lane, View3<const Real> phase, View3<const Real> absorption, View3<Complex<Real>> t);

/// The tangent: d_t = t (i d_phase - d_absorption).
template <class Real>
void transmission_tangent(const Lane& lane, View3<const Complex<Real>> t, View3<const Real> d_phase,
                          View3<const Real> d_absorption, View3<Complex<Real>> d_t);

/// The adjoint: phase_bar = Im(conj(t) t_bar), absorption_bar = -Re(conj(t) t_bar).
template <class Real>
void transmission_adjoint(const Lane& lane, View3<const Complex<Real>> t, View3<const Complex<Real>> t_bar,
                          View3<Real> phase_bar, View3<Real> absorption_bar);

}  // namespace tessera
