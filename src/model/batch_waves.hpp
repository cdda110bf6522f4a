#pragma once

#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"
#include "src/geometry/grid.hpp"

namespace tessera {

/// What the stages of the forward model agree on.
struct ModelShape {
  DeviceKind device = DeviceKind::host;
  Grid window;
  Index modes = 1;
  Index slices = 1;
  Index batch = 1;  ///< positions computed together: 1 on the host, where one wave fills the cache
};

/// Waves of a batch, [mode, position, y, x]: the positions of one mode are contiguous, so that one FFT plan and one
/// launch handle them, and sums over modes need no atomics.
template <class Real>
class BatchWaves {
 public:
  BatchWaves() = default;
  explicit BatchWaves(const ModelShape& shape)
      : shape_(shape), values_(shape.device, shape.modes * shape.batch * shape.window.count()) {}

  /// The waves of one mode for the first `positions` of the batch, [position, y, x].
  View3<Complex<Real>> mode(Index m, Index positions) {
    return {values_.data() + m * shape_.batch * shape_.window.count(), positions, shape_.window.ny, shape_.window.nx};
  }
  View3<const Complex<Real>> mode(Index m, Index positions) const {
    return {values_.data() + m * shape_.batch * shape_.window.count(), positions, shape_.window.ny, shape_.window.nx};
  }
  std::size_t bytes() const { return values_.bytes(); }

 private:
  ModelShape shape_;
  Array<Complex<Real>> values_;
};

}  // namespace tessera
