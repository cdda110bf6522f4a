#pragma once

#include <cufft.h>

#include <array>
#include <cstddef>
#include <memory>

namespace tessera::fake {

constexpr int max_rank = 3;  ///< of transforms

/// Where the numbers of one side lie: a step along each axis, and from one transform to the next.
struct Layout {
  std::array<std::ptrdiff_t, max_rank> step{};
  std::ptrdiff_t distance = 0;
};

struct Shape {
  int rank = 0;
  std::array<std::ptrdiff_t, max_rank> length{1, 1, 1};
  std::ptrdiff_t batch = 0;
  Layout in = {}, out = {};
  std::size_t points() const;
  /// Numbers from the first to the last that one side touches.
  std::size_t span(const Layout& layout) const;
};

/// Transforms go from their place to the work area and from there to where they belong, in two pieces of work, so that
/// two uses of one work area at a time spoil each other as they would on a GPU.
struct Plan {
  int number = 0;
  bool automatic = true;  ///< the work area is the plan's own
  std::byte* own = nullptr;
  std::byte* area = nullptr;
  cudaStream_t stream = nullptr;
  cufftType type = CUFFT_C2C;
  Shape shape = {};
  std::array<std::shared_ptr<void>, 2> fftw = {};  ///< forward, inverse; empty until the plan is made

  /// FFTW's plans of one transform, for the shape.
  void prepare();
  /// The two pieces of work: from the data to the work area, and from there to where the result belongs.
  void transform(const std::byte* in, int direction) const;
  void deliver(std::byte* out) const;

  std::size_t number_bytes() const { return type == CUFFT_C2C ? sizeof(cufftComplex) : sizeof(cufftDoubleComplex); }
  std::size_t work_bytes() const { return shape.points() * static_cast<std::size_t>(shape.batch) * number_bytes(); }
};

}  // namespace tessera::fake
