#pragma once

#include <memory>
#include <vector>

#include "kernels/detector.hpp"
#include "src/model/batch_waves.hpp"
#include "src/model/detector_setup.hpp"
#include "src/model/instrument.hpp"
#include "src/model/virtual_detectors.hpp"

namespace tessera {

/// Fourth stage: mu = D I + background, with its exact transpose. Shared by all lanes; what a lane works in is a Space.
template <class Real>
class Detector {
 public:
  struct Space {
    Array<Real> padded;        ///< scratch of `blur`
    Array<Real> blurred;       ///< [3, batch, window]: I blurred, I_bar, dI/dwidth
    Array<Real> pixels;        ///< [batch, ny, nx]
    Array<Real> channels;      ///< [batch, 1, channel]
    View3<const Real> mu_bar;  ///< of the last adjoint
  };

  Detector(const ModelShape& shape, const DetectorSetup& setup);

  /// What is compared with a stored pattern, [ny, nx]: pixels, or [1, channels].
  Index ny() const { return matrix_ ? 1 : pixels_ny(); }
  Index nx() const { return matrix_ ? setup_.virtual_detectors->front().channels : pixels_nx(); }
  Space make_space() const;

  void prepare(const Instrument& instrument);
  void prepare_tangent(const Instrument& direction);
  void begin(const Instrument& wanted, Index positions);

  /// mu [n, ny, nx] of positions first ... from I [n, window]; overwrites I when there is nothing but a background.
  View3<Real> forward(const Lane& lane, Space& space, Index first, View3<Real> intensity) const;
  View3<Real> tangent(const Lane& lane, Space& space, Index first, View3<const Real> intensity,
                      View3<Real> d_intensity) const;
  /// I_bar from mu_bar, which must stay as it is until `commit`; fills the positions' slots.
  View3<const Real> adjoint(const Lane& lane, Space& space, Index first, View3<const Real> intensity,
                            View3<Real> mu_bar);
  void commit(const Lane& lane, const Space& space, Index n);
  void read(Instrument& gradient) const;

  std::size_t bytes() const;
  std::size_t space_bytes() const;

 private:
  struct Matrix {
    Array<Index> start, column;
    Array<Real> weight;
    SparseRows<Real> rows() const { return {start.data(), column.data(), weight.data()}; }
  };

  bool maps() const { return setup_.rows.length > 0; }
  bool blurs() const { return setup_.psf_radius_px > 0; }
  Index pixels_ny() const { return maps() ? setup_.rows.length : shape_.window.ny; }
  Index pixels_nx() const { return maps() ? setup_.columns.length : shape_.window.nx; }
  Taps<Real> taps(const Array<Real>& y, const Array<Real>& x) const;
  /// D of I [n, window]; the result lies in one of the space's arrays or is I itself.
  View3<Real> apply(const Lane& lane, Space& space, Index first, View3<Real> intensity) const;
  View3<Real> from_blurred(const Lane& lane, Space& space, Index first, View3<Real> blurred) const;
  void multiply(const Lane& lane, const std::vector<Matrix>& sets, Index first, View3<const Real> in,
                View3<Real> out) const;

  ModelShape shape_;
  DetectorSetup setup_;
  Array<Index> row_sources_, row_target_, column_sources_, column_target_;
  Array<Real> live_;  ///< [window y, x]; empty: all
  bool matrix_ = false;
  std::vector<Matrix> forward_, transposed_;  ///< [set]
  Array<Real> taps_, d_taps_;                 ///< [2 radius + 1] and their derivative by the width
  Array<Real> background_, d_background_;     ///< [ny, nx]; empty: none
  Array<double> background_bar_, psf_bar_;    ///< [ny, nx], [position]; empty when not wanted
  double d_psf_px_ = 0;
};

}  // namespace tessera
