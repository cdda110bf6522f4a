#pragma once

#include "kernels/window_cover.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"
#include "src/geometry/box.hpp"

namespace tessera {

/// Where the transmission seen by position p starts: plane(p) = first + p * stride of `planes`, pixel corner[p]. The
/// object's tile has stride 0 and the position's corner; filtered patches have stride 1 and corner 0.
template <class Real>
struct TransmissionWindows {
  View3<const Complex<Real>> planes;  ///< [plane, y, x]
  const PixelYX* corner = nullptr;    ///< [position]
  Index first = 0;
  Index stride = 0;
  TESSERA_HD Complex<Real> operator()(Index p, Index y, Index x) const {
    return planes(first + p * stride, corner[p].y + y, corner[p].x + x);
  }
};

// Waves below are [mode, position, y, x] with the positions of one mode after those of the mode before, seen as a view
// of modes x positions planes. A host takes one mode at a time, which stays in its cache; a GPU all of them at once, so
// that it reads t once for all.

/// phi(m, p, y, x) = t(p, y, x) psi(m, p, y, x).
template <class Real>
void transmit(const Lane& lane, const TransmissionWindows<Real>& t, Index modes, View3<const Complex<Real>> psi,
              View3<Complex<Real>> phi);

/// The tangent for one mode: d_phi = t d_psi + d_t psi; d_psi and d_phi may be the same array.
template <class Real>
void transmit_tangent(const Lane& lane, const TransmissionWindows<Real>& t, const TransmissionWindows<Real>& d_t,
                      View3<const Complex<Real>> psi, View3<const Complex<Real>> d_psi, View3<Complex<Real>> d_phi);

/// The two adjoints in one pass: t_bar(p) = sum_m phi_bar conj(psi), added to what is there when `accumulate`, and in
/// place psi_bar = conj(t) phi_bar.
template <class Real>
void transmit_adjoint(const Lane& lane, const TransmissionWindows<Real>& t, Index modes, View3<const Complex<Real>> psi,
                      View3<Complex<Real>> phi_bar, View3<Complex<Real>> t_bar, bool accumulate);

/// Where the windows of a batch lie in a tile. A host goes through the positions, a GPU through the cover.
struct WindowsInTile {
  const PixelYX* corner = nullptr;  ///< [position]
  WindowCover cover{};              ///< on a GPU
};

/// The same for the last modes, with t_bar added to the tile in the same pass: tile(plane, corner[p] + (y, x)) += sum_m
/// phi_bar conj(psi), and t_bar of the modes before when `accumulate`. Positions one after the other, so that the sum
/// has the same bits every time.
template <class Real>
void transmit_adjoint_to_tile(const Lane& lane, const TransmissionWindows<Real>& t, Index modes,
                              View3<const Complex<Real>> psi, View3<Complex<Real>> phi_bar,
                              View3<const Complex<Real>> t_bar, bool accumulate, const WindowsInTile& windows,
                              Index plane, View3<Complex<Real>> tile);

/// patch(p, y, x) = t(p, y, x)
template <class Real>
void extract_patches(const Lane& lane, const TransmissionWindows<Real>& t, View3<Complex<Real>> patch);

/// The adjoint: tile(plane, corner[p] + (y, x)) += patch(p, y, x), one position after the other.
template <class Real>
void add_patches(const Lane& lane, View3<const Complex<Real>> patch, const WindowsInTile& windows, Index plane,
                 View3<Complex<Real>> tile);

}  // namespace tessera
