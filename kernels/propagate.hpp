#pragma once

#include "kernels/frequency_band.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"
#include "src/arrays/view.hpp"

namespace tessera {

/// wave_hat(p, y, x) *= table(0, y, x), in place, in the rows y of the band: free-space propagator, band limit or any
/// other diagonal operator that is zero outside the band.
template <class Real>
void multiply_table(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> table,
                    View3<Complex<Real>> wave_hat);

/// Its adjoint: multiplies by the conjugate.
template <class Real>
void multiply_table_adjoint(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> table,
                            View3<Complex<Real>> wave_hat);

/// wave_hat = 0 in the rows outside the band.
template <class Real>
void clear_outside(const Lane& lane, const FrequencyBand& band, View3<Complex<Real>> wave_hat);

/// product = conj(product) wave_hat in the rows of the band.
template <class Real>
void multiply_conjugate(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> wave_hat,
                        View3<Complex<Real>> product);

/// sum(0, y, x) += sum_p Im product(p, y, x) in the rows of the band, in the order of p.
template <class Real>
void add_imaginary(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> product, View3<double> sum);

/// copy = scale wave, everywhere.
template <class Real>
void copy_scaled(const Lane& lane, Real scale, View3<const Complex<Real>> wave, View3<Complex<Real>> copy);

/// copy = wave_hat in the rows of the band.
template <class Real>
void copy_band(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> wave_hat,
               View3<Complex<Real>> copy);

}  // namespace tessera
