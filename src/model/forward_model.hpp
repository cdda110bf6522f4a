#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include "src/geometry/scan.hpp"
#include "src/model/detector.hpp"
#include "src/model/free_space.hpp"
#include "src/model/illumination.hpp"
#include "src/model/multislice.hpp"

namespace tessera {

/// Makes the FFT plans of a forward model and drops them: FFTW remembers.
template <class Real>
void make_fft_plans(const ModelShape& shape, const Propagation& propagation);

/// All that fixes a forward model but values.
struct ModelSetup {
  ModelShape shape;
  Propagation propagation;
  std::vector<double> gaps_A;  ///< [slices - 1]
  DetectorSetup detector;
  double psf_px = 0;  ///< standard deviation of the detector's point spread
  int lanes = 1;      ///< that compute side by side
};

/// The forward model of one rank's positions: instrument and transmission on the work box in, expected electrons out;
/// with tangent and exact adjoint. Knows neither data nor MPI. Positions are those given, in that order. Tables, tile
/// and sums are shared by the lanes; a lane's waves are in its Space.
template <class Real>
class ForwardModel {
 public:
  struct Space {
    Lane lane;
    typename Illumination<Real>::Space illumination;
    typename Multislice<Real>::Space slices;
    typename Detector<Real>::Space detector;
    BatchWaves<Real> exit;               ///< exit waves, then their spectra, then what runs backwards
    BatchWaves<Real> d_wave;             ///< allocated by the first tangent
    Array<Real> intensity, d_intensity;  ///< [batch, y, x]
  };

  /// `work` is the box of object pixels that the transmission covers; it holds every window.
  ForwardModel(const ModelSetup& setup, std::span<const Placement> placements, const Box& work);

  const ModelShape& shape() const { return setup_.shape; }
  const Detector<Real>& detector() const { return detector_; }
  Index positions() const { return corner_.count(); }
  const Box& work() const { return work_; }
  Space make_space() const;

  /// An instrument that is neutral but for the windows' sub-pixel shifts: what unknowns start from. The probe is zero.
  Instrument neutral() const;
  /// Values to tables, once per evaluation.
  void prepare(const Instrument& instrument);
  /// A direction for `tangent`: every member as long as the instrument's, or empty.
  void prepare_tangent(const Instrument& direction);
  /// [state x slice, y, x] on the work box, on the device: filled by the caller.
  View3<Complex<Real>> transmission() { return tile(transmission_); }
  /// The gradient of the transmission, summed by `adjoint` and `commit`.
  View3<Complex<Real>> transmission_bar() { return tile(transmission_bar_); }
  /// Sums start from zero: that of the transmission and those of the members of `wanted` that are not empty.
  void begin(const Instrument& wanted);
  /// The sums: this rank's part of the gradient. Members that were not wanted are empty, or mean nothing.
  Instrument gradient() const;

  /// mu(p, y, x) = D[sum_waves |FFT_unitary exit wave|^2] [electrons] of positions first .. first + n - 1, n <= batch,
  /// in the order of the detector's pixels. Valid until the lane's next call.
  View3<Real> expected(Space& space, Index first, Index n) const;
  /// After `expected` of the same positions: its derivative along the prepared direction and d_transmission.
  View3<Real> tangent(Space& space, Index first, Index n, View3<const Complex<Real>> d_transmission) const;
  /// After `expected` of the same positions: the gradients for a given d f/d mu, which it may overwrite; all that
  /// positions do not share.
  void adjoint(Space& space, Index first, Index n, View3<Real> mu_bar);
  /// After `adjoint`: adds to what positions share. Calls follow the order of the positions, one at a time.
  void commit(Space& space, Index first, Index n);

  /// Bytes that a model holds with all its lanes' spaces, for the prediction of memory.
  std::size_t bytes() const;

 private:
  View3<Complex<Real>> tile(Array<Complex<Real>>& values) const {
    return values.view(setup_.shape.planes(), work_.height(), work_.width());
  }
  typename Multislice<Real>::Windows windows(Index first, Index n) const;
  WindowCover cover(Index first, Index n) const;

  ModelSetup setup_;
  Box work_;
  FftPlan<Real> fft_;                                                          ///< to the far field, of a batch
  BandFftPlan<Real> band_fft_;                                                 ///< between slices
  std::vector<PixelYX> corners_;                                               ///< [position] in the work box
  Array<PixelYX> corner_;                                                      ///< the same on the device
  std::unique_ptr<std::mutex> covers_mutex_ = std::make_unique<std::mutex>();  // lanes look for them side by side
  mutable std::map<std::pair<Index, Index>, WindowCoverArrays> covers_;        ///< of (first, n), on a GPU
  std::vector<double> slope_;  ///< [position, 2] minus the windows' sub-pixel remainders
  Illumination<Real> illumination_;
  Multislice<Real> multislice_;
  Detector<Real> detector_;
  FreeSpace free_space_;
  Instrument now_;                                        ///< gaps and tilts as prepared
  Instrument wanted_;                                     ///< with the sites that free space asks for
  Array<Complex<Real>> transmission_, transmission_bar_;  ///< [plane, y, x] on the work box
  Real unitary_;                                          ///< 1/(ny nx): makes |FFT|^2 unitary
};

}  // namespace tessera
