#pragma once

#include "kernels/halo_pack.hpp"

namespace tessera {

/// out(m, y, x) = old out(m, y, x) + factor sum_s matrix(0, m, s) in(s, y, x) over the part of `in` that `out` covers.
template <class Real>
void mix_planes(const Lane& lane, double old, double factor, View3<const double> matrix,
                const BoxedView<const Real>& in, const BoxedView<Real>& out);

/// Each plane with its own symmetric taps [plane, 2 ry + 1, 2 rx + 1], zero beyond `in`:
///   out(m, y, x) = sum_{j,i} taps(m, ry + j, rx + i) in(m, y + j, x + i).
template <class Real>
void filter_planes(const Lane& lane, View3<const double> taps, const BoxedView<const Real>& in,
                   const BoxedView<Real>& out);

}  // namespace tessera
