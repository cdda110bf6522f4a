#pragma once

#include "kernels/fft.hpp"
#include "src/model/batch_waves.hpp"
#include "src/model/site_sums.hpp"

namespace tessera {

/// First stage: the probe's modes, band-limited, with the phases of the incident site and the position's sub-pixel
/// shift,
///   psi_m = IFFT[ M exp(i phase) FFT(P_m + sum_l c_jl B_l, the sum for m = 0 alone) exp(a_j + b_o + 2 pi i k.slope_j)
///   ],
/// for each state o of the object. Shared by all lanes; what a lane works in is a Space.
template <class Real>
class Illumination {
 public:
  /// What one lane needs for a batch.
  struct Space {
    Array<Complex<Real>> ramp_y, ramp_x;  ///< [state x batch, 1, ny], [batch, 1, nx]
    Array<Complex<Real>> mixed, d_mixed;  ///< [position, y, x]; allocated when needed
    Array<Complex<Real>> hat;             ///< [position, y, x] of a tangent
  };

  Illumination(const ModelShape& shape, const BandFftPlan<Real>& fft, const std::vector<double>& band_limit);

  Space make_space() const;
  void prepare(const Lane& lane, const Instrument& instrument) { fill(lane, instrument, now_); }
  void prepare_tangent(const Lane& lane, const Instrument& direction) { fill(lane, direction, change_); }
  /// Which gradients a sweep sums (the members of `wanted` that are not empty), from zero.
  void begin(const Instrument& wanted, Index positions);

  void forward(const Lane& lane, Space& space, Index first, Index n, BatchWaves<Real>& psi) const;
  void tangent(const Lane& lane, Space& space, Index first, Index n, BatchWaves<Real>& d_psi) const;
  /// For who computes psi itself: the modes' spectra [mode, y, x] and this batch's ramps [position], of which psi_hat
  /// is the product; where `mixes` is false.
  struct Spectra {
    View3<const Complex<Real>> probe_hat;
    Ramps<Real> ramps;
  };
  Spectra spectra(const Lane& lane, Space& space, Index first, Index n) const;
  /// Whether a mode differs from position to position.
  bool mixes() const { return rank(now_) > 0; }
  /// After `forward` of the same positions: turns psi_bar into its spectra, and fills the positions' slots.
  void adjoint(const Lane& lane, Space& space, Index first, Index n, BatchWaves<Real>& psi_bar);
  /// The same of psi_bar whose spectra are there already.
  void adjoint_of_spectra(const Lane& lane, Space& space, Index first, Index n, const BatchWaves<Real>& psi_bar);
  /// After `adjoint`: adds to what all positions share.
  void commit(const Lane& lane, const Space& space, Index first, Index n, const BatchWaves<Real>& psi_bar);
  /// Into the members of `gradient` that are not empty.
  void read(const Lane& lane, Instrument& gradient) const;

  std::size_t bytes() const;
  std::size_t space_bytes() const;

 private:
  /// An instrument, or what changes of it, on the device.
  struct Tables {
    Array<Complex<Real>> probe_hat;  ///< [mode, y, x] times M exp(i phase) and the factor 1/(ny nx)
    Array<Complex<Real>> basis_hat;  ///< [rank, y, x] the same
    Array<double> coefficient;       ///< [position, rank]
    Array<double> phase;             ///< [y, x] of the incident site; of a change only
    Array<double> slope;             ///< [position, 2]
    Array<double> log_amplitude;     ///< [state, position]: a_j + b_o
  };

  void fill(const Lane& lane, const Instrument& from, Tables& to);
  Array<Complex<Real>> transform(const Lane& lane, const std::vector<double>& waves) const;
  void make_ramps(const Lane& lane, Space& space, Index first, Index n) const;
  Ramps<Real> ramps(const Space& space, Index state, Index n) const;
  View3<const Complex<Real>> plane(const Array<Complex<Real>>& all, Index i) const;
  View3<const Complex<Real>> planes(const Array<Complex<Real>>& all) const;
  View3<const double> coefficients(const Tables& tables, Index first, Index n) const;
  /// The spectrum of mode m before the ramps: one plane for all positions, or one each.
  View3<const Complex<Real>> mixed(const Lane& lane, Space& space, Index m, Index first, Index n) const;
  View3<const Complex<Real>> mixed_tangent(const Lane& lane, Space& space, Index m, Index first, Index n) const;
  bool nothing_wanted() const;
  Index rank(const Tables& tables) const { return tables.basis_hat.count() / shape_.window.count(); }

  ModelShape shape_;
  BandFftPlan<Real> fft_;             ///< of a batch
  std::vector<double> band_limit_;    ///< [y, x] M
  std::vector<double> factor_phase_;  ///< [y, x] the phase that `factor_` holds
  Array<Complex<Real>> factor_;       ///< [y, x] M exp(i phase)/(ny nx)
  Tables now_, change_;
  Array<Complex<Real>> probe_hat_bar_;  ///< [mode, y, x]; empty when not wanted
  Array<Complex<Real>> basis_hat_bar_;  ///< [rank, y, x]
  SiteSums site_;
  std::vector<SiteSums> of_state_;  ///< [state] log amplitudes alone
  std::vector<SiteSums> of_basis_;  ///< [rank] the coefficients' gradients, as moments
};

}  // namespace tessera
