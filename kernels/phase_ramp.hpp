#pragma once

#include "kernels/frequency_band.hpp"
#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"

namespace tessera {

/// What an index i of n along an axis stands for: cycles per pixel in FFT order, or the distance from the centre pixel
/// floor(n/2) in windows. Either lies in [-1/2, 1/2).
enum class RampOrder { fourier, centred };

TESSERA_HD constexpr double ramp_coordinate(RampOrder order, Index i, Index n) {
  const Index bin = order == RampOrder::centred ? i - n / 2 : i < (n + 1) / 2 ? i : i - n;
  return static_cast<double>(bin) / static_cast<double>(n);
}

/// exp(log_amplitude + 2 pi i (u_y slope_y + u_x slope_x)) as a product of two ramps, u the coordinates above:
/// ramp_y(p, 0, y) with the amplitude and ramp_x(p, 0, x). `slope` is [position, 1, 2] (y, x), `log_amplitude`
/// [position, 1, 1] or empty for none. Sines are taken in double precision.
template <class Real>
void phase_ramps(const Lane& lane, RampOrder order, View3<const double> slope, View3<const double> log_amplitude,
                 View3<Complex<Real>> ramp_y, View3<Complex<Real>> ramp_x);

/// Two ramps of a batch; empty ones stand for 1.
template <class Real>
struct Ramps {
  View3<const Complex<Real>> y, x;
  TESSERA_HD Complex<Real> operator()(Index p, Index row, Index column) const { return y(p, 0, row) * x(p, 0, column); }
};

/// wave(p, y, x) *= ramp, or its conjugate.
template <class Real>
void multiply_ramps(const Lane& lane, const Ramps<Real>& ramps, bool conjugate, View3<Complex<Real>> wave);

/// out(p, y, x) = table(0 or p, y, x) ramp(p, y, x) in the rows of the band: the waves behind a phase site. `table` has
/// one plane for all positions, or one each.
template <class Real>
void apply_ramps(const Lane& lane, const FrequencyBand& band, View3<const Complex<Real>> table,
                 const Ramps<Real>& ramps, View3<Complex<Real>> out);

}  // namespace tessera
