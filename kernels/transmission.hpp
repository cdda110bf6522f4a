#pragma once

#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// t = exp(i phase - absorption), [slice, y, x].
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

/// t = exp((i a - b) u) of one real number a voxel.
template <class Real>
void rated_transmission(const Lane& lane, double a, double b, View3<const Real> u, View3<Complex<Real>> t);

/// The tangent: d_t = t (i a - b) d_u.
template <class Real>
void rated_transmission_tangent(const Lane& lane, double a, double b, View3<const Complex<Real>> t,
                                View3<const Real> d_u, View3<Complex<Real>> d_t);

/// The adjoint: u_bar = a Im(conj(t) t_bar) - b Re(conj(t) t_bar).
template <class Real>
void rated_transmission_adjoint(const Lane& lane, double a, double b, View3<const Complex<Real>> t,
                                View3<const Complex<Real>> t_bar, View3<Real> u_bar);

}  // namespace tessera
