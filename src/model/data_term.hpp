#pragma once

#include <cstddef>
#include <vector>

#include "kernels/likelihood.hpp"
#include "src/model/expected_loss.hpp"
#include "src/model/forward_model.hpp"

namespace tessera {

/// The measured patterns of one rank, in the order of its positions and kept as they are stored in the file.
struct Measurement {
  Array<std::byte> patterns;  ///< [position, y, x] of `type`, zero frequency at [0,0], invalid pixels 0
  PixelType type = PixelType::uint16;
  double electrons_per_count = 1;
  std::vector<double> valid;  ///< [y, x] 1 or 0, zero frequency at [0,0]
};

/// Sums over one rank's patterns that tell how well the model fits.
struct FitQuality {
  double residual = 0;       ///< sum |sqrt(mu) - sqrt(y)|
  double root = 0;           ///< sum sqrt(y); the R factor is their ratio
  double expected_loss = 0;  ///< sum E[loss | mu]
};

/// Compares the model's intensities with the measurement: f = sum_j sum_k loss(I_jk, y_jk).
template <class Real>
class DataTerm {
 public:
  DataTerm(const ModelShape& shape, Measurement measurement, const Loss& loss);

  /// The loss of positions first .. first + mu.n - 1; overwrites mu [n, y, x] with d loss/d mu.
  double evaluate(Index first, View3<Real> mu);
  /// sum E[loss | mu] for a model mu [n, y, x].
  double expected(View3<const Real> mu);
  FitQuality quality(Index first, View3<const Real> mu);
  std::size_t bytes() const { return measurement_.patterns.bytes() + 2 * scratch_.bytes(); }

 private:
  StoredPatterns patterns(Index first) const;
  View3<const Real> valid() const { return {valid_.data(), 1, shape_.window.ny, shape_.window.nx}; }
  View3<Real> like(Array<Real>& array, Index n) const { return {array.data(), n, shape_.window.ny, shape_.window.nx}; }

  ModelShape shape_;
  Measurement measurement_;
  Loss loss_;
  Array<Real> valid_;               ///< [y, x]
  Array<Real> scratch_, scratch2_;  ///< [batch, y, x]
  Array<double> row_sums_;
  ExpectedLossTable expected_;
  Array<Real> expected_table_;  ///< its values on the device
};

}  // namespace tessera
