#pragma once

#include <span>

#include "src/geometry/scan.hpp"
#include "src/model/illumination.hpp"
#include "src/model/multislice.hpp"

namespace tessera {

/// Makes the FFT plans of a forward model and drops them: FFTW remembers.
template <class Real>
void make_fft_plans(const ModelShape& shape, const Propagation& propagation);

/// The forward model of one rank's positions: probe and transmission on the work box in, intensities out; with tangent
/// and exact adjoint. Knows neither data nor MPI. Positions are those given, in that order.
template <class Real>
class ForwardModel {
 public:
  /// `work` is the box of object pixels that the transmission covers; it holds every window.
  ForwardModel(const ModelShape& shape, const Propagation& propagation, const std::vector<double>& gaps_A,
               std::span<const Placement> placements, const Box& work);

  const ModelShape& shape() const { return shape_; }
  Index positions() const { return corner_.count(); }
  const Box& work() const { return work_; }

  /// [mode, y, x], centre at pixel floor(N/2); sum of |.|^2 over all = electrons per pattern. Host memory.
  void set_probe(View3<const Complex<Real>> probe) { illumination_.set_probe(probe); }
  /// [slice, y, x] on the work box, on the device: filled by the caller.
  View3<Complex<Real>> transmission() { return tile(transmission_); }
  /// The gradient of the transmission, summed by `adjoint`.
  View3<Complex<Real>> transmission_bar() { return tile(transmission_bar_); }
  void clear_gradients();
  /// The probe's gradient summed so far, [mode, y, x].
  std::vector<Complex<Real>> probe_gradient() const { return illumination_.gradient(); }

  /// I(p, y, x) = sum_m |FFT_unitary exit wave|^2 [electrons] of positions first .. first + n - 1, n <= batch,
  /// zero frequency at [0,0]. Valid until the next call.
  View3<Real> intensities(Index first, Index n);
  /// After `intensities` of the same positions: its derivative along (d_probe, d_transmission), [n, y, x].
  View3<Real> tangent(Index first, Index n, View3<const Complex<Real>> d_probe,
                      View3<const Complex<Real>> d_transmission);
  /// After `intensities` of the same positions: adds the gradients for a given d f/d I [n, y, x].
  void adjoint(Index first, Index n, View3<const Real> intensity_bar);

  /// Bytes that one model holds, for the prediction of memory.
  std::size_t bytes() const;

 private:
  View3<Complex<Real>> tile(Array<Complex<Real>>& values) {
    return values.view(shape_.slices, work_.height(), work_.width());
  }
  View3<const double> fractions(Index first, Index n) const { return {fraction_.data() + 2 * first, n, 1, 2}; }

  ModelShape shape_;
  Box work_;
  FftPlan<Real> fft_;           ///< to the far field, of a batch
  BandFftPlan<Real> band_fft_;  ///< between slices
  Array<PixelYX> corner_;       ///< [position] in the work box
  Array<double> fraction_;      ///< [position, 2]
  Illumination<Real> illumination_;
  Multislice<Real> multislice_;
  BatchWaves<Real> exit_;                                 ///< exit waves, then their spectra, then what runs backwards
  BatchWaves<Real> d_wave_;                               ///< allocated by the first tangent
  Array<Complex<Real>> transmission_, transmission_bar_;  ///< [slice, y, x] on the work box
  Array<Real> intensity_, d_intensity_;                   ///< [batch, y, x]
  Real unitary_;                                          ///< 1/(ny nx): makes |FFT|^2 unitary
};

}  // namespace tessera
