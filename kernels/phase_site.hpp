#pragma once

#include "kernels/phase_ramp.hpp"

namespace tessera {

/// Waves z = table ramp behind a phase site, not multiplied out: `table` has one plane for all positions or one each;
/// ramps without data stand for 1.
template <class Real>
struct SiteWaves {
  View3<const Complex<Real>> table;
  Ramps<Real> ramps;
};

/// What z_bar says of z exp(log_amplitude + i phase), per position:
///   moments(p, 0, :) += sum_k { Re(conj(z) z_bar), 2 pi u_y Im(conj(z) z_bar), 2 pi u_x Im(conj(z) z_bar) },
/// u the coordinates of `order`. These are the gradients of log_amplitude and of the slopes of `phase_ramps`; Im is the
/// same before and after a factor of modulus 1.
template <class Real>
void phase_moments(const Lane& lane, const FrequencyBand& band, RampOrder order, const SiteWaves<Real>& z,
                   View3<const Complex<Real>> z_bar, View3<double> moments);

/// density(0, y, x) += sum_p Im(conj(z) z_bar): the gradient of a phase that all positions share; in the order of p.
template <class Real>
void add_phase_density(const Lane& lane, const FrequencyBand& band, const SiteWaves<Real>& z,
                       View3<const Complex<Real>> z_bar, View3<double> density);

/// What changes at a site: a phase for all positions [1, y, x] (empty: none), slopes [position, 1, 2] and
/// log_amplitude [position, 1, 1] (empty: none).
struct SiteTangent {
  View3<const double> phase;
  View3<const double> slope;
  View3<const double> log_amplitude;
};

/// The tangent: d_z += (d_log_amplitude + i (d_phase + 2 pi u d_slope)) z, in the rows of the band.
template <class Real>
void add_phase_tangent(const Lane& lane, const FrequencyBand& band, RampOrder order, const SiteWaves<Real>& z,
                       const SiteTangent& tangent, View3<Complex<Real>> d_z);

}  // namespace tessera
