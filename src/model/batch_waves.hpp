#pragma once

#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"
#include "src/geometry/grid.hpp"

namespace tessera {

/// What the stages of the forward model agree on.
struct ModelShape {
  DeviceKind device = DeviceKind::host;
  Grid window;
  Index modes = 1;   ///< of the probe
  Index states = 1;  ///< of the object, incoherent
  Index slices = 1;
  Index batch = 1;  ///< positions computed together: 1 on a host, where one wave fills the cache

  /// Each mode meets each state.
  Index waves() const { return modes * states; }
  /// Waves that one kernel takes at once: a host one, which stays in its cache, a GPU all modes of a state.
  Index together() const { return device == DeviceKind::cuda ? modes : 1; }
  /// Planes of the object, [state, slice].
  Index planes() const { return states * slices; }
};

/// Waves of a batch, [state x mode, position, y, x] without gaps for the positions that the batch has, so that one FFT
/// and one launch handle several waves, and sums over modes need no atomics.
template <class Real>
class BatchWaves {
 public:
  BatchWaves() = default;
  explicit BatchWaves(const ModelShape& shape)
      : shape_(shape), values_(shape.device, shape.waves() * shape.batch * shape.window.count()) {}

  bool empty() const { return values_.count() == 0; }
  /// Wave w = state x modes + mode and the `count` - 1 after it of `positions` positions, [wave, position, y, x] as
  /// count x positions planes. One number of positions at a time.
  View3<Complex<Real>> wave(Index w, Index positions, Index count = 1) {
    return {values_.data() + w * positions * shape_.window.count(), count * positions, shape_.window.ny,
            shape_.window.nx};
  }
  View3<const Complex<Real>> wave(Index w, Index positions, Index count = 1) const {
    return {values_.data() + w * positions * shape_.window.count(), count * positions, shape_.window.ny,
            shape_.window.nx};
  }
  std::size_t bytes() const { return values_.bytes(); }

 private:
  ModelShape shape_;
  Array<Complex<Real>> values_;
};

}  // namespace tessera
