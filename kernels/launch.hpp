#pragma once

#include <type_traits>

#include "src/arrays/lane.hpp"
#include "src/base/index.hpp"

/// Private to kernels/*.cpp. Internal linkage: a g++ and an nvcc object that both instantiate it must keep their own.
namespace tessera {
namespace {

#ifdef __CUDACC__
/// One thread a point, x on the fastest thread index.
template <class Body>
__global__ void run_on_grid(Index n, Index ny, Index nx, Body body) {
  const Index x = blockIdx.x * static_cast<Index>(blockDim.x) + threadIdx.x;
  const Index y = blockIdx.y * static_cast<Index>(blockDim.y) + threadIdx.y;
  const Index p = blockIdx.z;
  if (p < n && y < ny && x < nx) body(p, y, x);
}
#endif

/// Calls body(p, y, x) for every point of [n, ny, nx], x innermost. A body writes only at its own point, which is what
/// the pragma tells the compiler, so that the inner loop becomes vector code.
template <class Body>
inline void launch(const Lane& lane, Index n, Index ny, Index nx, const Body& body) {
  static_assert(std::is_trivially_copyable_v<Body>);
#ifdef __CUDACC__
  static_cast<void>(&run_on_grid<Body>);  // generates the device code that `tests/compile_cuda` checks
#endif
  const DeviceAccess access(lane.device());
  for (Index p = 0; p < n; ++p)
    for (Index y = 0; y < ny; ++y) {
#ifdef __clang__
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
      for (Index x = 0; x < nx; ++x) body(p, y, x);
    }
}

}  // namespace
}  // namespace tessera
