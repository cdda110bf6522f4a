#pragma once

#include "kernels/phase_ramp.hpp"

namespace tessera {

/// mixed(p, y, x) = base(0, y, x) + sum_l coefficient(p, 0, l) basis(l, y, x) in the rows of the band: a wave that
/// differs from position to position within a basis.
template <class Real>
void mix_waves(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> base,
               View3<const Complex<Real>> basis, View3<const double> coefficient, View3<Complex<Real>> mixed);

/// The adjoint of `apply_ramps` with one table for all: table_bar(0, y, x) += weight(p) sum_p conj(ramp) out_bar(p, y,
/// x) in the rows of the band, in the order of p. `weight` is [position, 1, n] of which `column` counts; empty: 1.
template <class Real>
void add_through_ramps(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> out_bar,
                       const Ramps<Real>& ramps, View3<const double> weight, Index column,
                       View3<Complex<Real>> table_bar);

}  // namespace tessera
