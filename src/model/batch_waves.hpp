#pragma once

#include <memory>
#include <vector>

#include "src/arrays/array.hpp"
#include "src/arrays/complex.hpp"
#include "src/geometry/grid.hpp"

namespace tessera {

/// Places for the waves that enter slices where those of every so many are kept: these, and the ones between two.
constexpr Index kept_places(Index slices, Index every) { return (slices + every - 1) / every + every - 1; }

/// How far apart they are kept where there must be few places: some 2 sqrt(slices), for the time of one more pass
/// forwards (Griewank & Walther, ACM Trans. Math. Softw. 26 (2000) 19; one level of checkpoints).
constexpr Index sparse_spacing(Index slices) {
  Index best = 1;
  for (Index every = 2; every <= slices; ++every)
    if (kept_places(slices, every) < kept_places(slices, best)) best = every;
  return best;
}

/// What the stages of the forward model agree on.
struct ModelShape {
  DeviceKind device = DeviceKind::host;
  Grid window;
  Index modes = 1;   ///< of the probe
  Index states = 1;  ///< of the object, incoherent
  Index slices = 1;
  Index batch = 1;  ///< positions computed together: 1 on a host, where one wave fills the cache
  /// The waves that enter every so many slices are kept from forward to adjoint, the others made again from them.
  Index kept_every = 1;

  /// Each mode meets each state.
  Index waves() const { return modes * states; }
  /// Waves that one kernel takes at once: a host one, which stays in its cache, a GPU all modes of a state.
  Index together() const { return device == DeviceKind::cuda ? modes : 1; }
  Index kept() const { return kept_places(slices, kept_every); }
  /// Which of them holds what enters a slice.
  Index place(Index slice) const {
    const Index after = slice % kept_every;
    return after == 0 ? slice / kept_every : kept() - kept_every + after;
  }
  /// Planes of the object, [state, slice].
  Index planes() const { return states * slices; }
};

/// Waves of a batch, [state x mode, position, y, x] without gaps for the positions that the batch has, so that one FFT
/// and one launch handle several waves, and sums over modes need no atomics.
template <class Real>
class BatchWaves {
 public:
  BatchWaves() = default;
  explicit BatchWaves(const ModelShape& shape) : BatchWaves(shape, allocate(shape, 1), 0) {}
  /// Several that lie one after the other in memory.
  static std::vector<BatchWaves> several(const ModelShape& shape, Index count) {
    std::vector<BatchWaves> all;
    const auto memory = allocate(shape, count);
    for (Index i = 0; i < count; ++i) all.push_back(BatchWaves(shape, memory, i * numbers(shape)));
    return all;
  }

  bool empty() const { return !memory_; }
  /// Wave w = state x modes + mode and the `count` - 1 after it of `positions` positions, [wave, position, y, x] as
  /// count x positions planes. One number of positions at a time.
  View3<Complex<Real>> wave(Index w, Index positions, Index count = 1) {
    return {data() + w * positions * shape_.window.count(), count * positions, shape_.window.ny, shape_.window.nx};
  }
  View3<const Complex<Real>> wave(Index w, Index positions, Index count = 1) const {
    return {data() + w * positions * shape_.window.count(), count * positions, shape_.window.ny, shape_.window.nx};
  }

 private:
  using Memory = Array<Complex<Real>>;
  BatchWaves(const ModelShape& shape, const std::shared_ptr<Memory>& memory, Index first)
      : shape_(shape), memory_(memory), first_(first) {}
  static Index numbers(const ModelShape& shape) { return shape.waves() * shape.batch * shape.window.count(); }
  static std::shared_ptr<Memory> allocate(const ModelShape& shape, Index count) {
    return std::make_shared<Memory>(shape.device, count * numbers(shape));
  }
  Complex<Real>* data() const { return memory_->data() + first_; }

  ModelShape shape_;
  std::shared_ptr<Memory> memory_;
  Index first_ = 0;
};

}  // namespace tessera
