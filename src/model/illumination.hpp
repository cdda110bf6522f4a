#pragma once

#include "kernels/fft.hpp"
#include "src/model/batch_waves.hpp"

namespace tessera {

/// First stage: the probe's modes, band-limited and shifted to each position by its sub-pixel remainder,
/// psi = IFFT[ M FFT(probe) exp(-2 pi i k.f) ].
template <class Real>
class Illumination {
 public:
  Illumination(const ModelShape& shape, const BandFftPlan<Real>& fft, const std::vector<double>& band_limit);

  /// The probe, [mode, y, x], centre at pixel floor(N/2); and for `tangent` its direction.
  void set_probe(View3<const Complex<Real>> probe);
  void set_probe_tangent(View3<const Complex<Real>> d_probe);

  /// `fraction` [position, 1, 2] holds (fy, fx) [pixels]; positions = its n.
  void forward(View3<const double> fraction, BatchWaves<Real>& psi);
  void tangent(View3<const double> fraction, BatchWaves<Real>& d_psi);
  /// After `forward` or `tangent` of the same positions: adds to the probe's gradient; overwrites psi_bar.
  void adjoint(View3<const double> fraction, BatchWaves<Real>& psi_bar);

  void clear_gradient() { probe_hat_bar_.set_zero(); }
  /// The gradient summed so far, [mode, y, x]: g = d f/d re + i d f/d im.
  std::vector<Complex<Real>> gradient() const;

 private:
  void make_ramps(View3<const double> fraction);
  void transform(View3<const Complex<Real>> probe, Array<Complex<Real>>& probe_hat);
  void shine(const Array<Complex<Real>>& probe_hat, Index positions, BatchWaves<Real>& psi);
  View3<const Complex<Real>> mask() const { return mask_.view(1, shape_.window.ny, shape_.window.nx); }
  View3<const Complex<Real>> mode_of(const Array<Complex<Real>>& all, Index m) const;

  ModelShape shape_;
  BandFftPlan<Real> fft_;                 ///< of a batch
  Array<Complex<Real>> mask_;             ///< [y, x] M with the factor 1/(ny nx) of the inverse FFT
  Array<Complex<Real>> probe_hat_;        ///< [mode, y, x] times M and that factor
  Array<Complex<Real>> d_probe_hat_;      ///< the same for the tangent
  Array<Complex<Real>> probe_hat_bar_;    ///< [mode, y, x]
  Array<Complex<Real>> ramp_y_, ramp_x_;  ///< [batch, 1, n]
};

}  // namespace tessera
