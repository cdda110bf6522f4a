#pragma once

#include <string>
#include <type_traits>
#include <typeinfo>

#include "src/arrays/lane.hpp"
#include "src/base/index.hpp"

#if !defined(__CUDACC__) && __has_include(<fake_grid.hpp>)
#include <fake_grid.hpp>
#endif

/// Private to kernels/*.cpp. Internal linkage: a g++ and an nvcc object that both instantiate it must keep their own.
namespace tessera {
namespace {

/// Calls body(p, y, x) for every point of [n, ny, nx] on a host, x innermost. A body writes only at its own point,
/// which is what the pragma tells the compiler, so that the inner loop becomes vector code.
template <class Body>
inline void run_on_host(Index n, Index ny, Index nx, const Body& body) {
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

/// Of so many numbers of these types.
template <class... Numbers>
constexpr double bytes_of = (0.0 + ... + static_cast<double>(sizeof(Numbers)));

/// The points of one plane, each of which visits all planes in their order.
template <class Body>
struct InOrder {
  Index n;
  Body body;
  Moved moved(double points) const { return body.moved(static_cast<double>(n) * points); }
  TESSERA_HD void operator()(Index, Index y, Index x) const {
    for (Index p = 0; p < n; ++p) body(p, y, x);
  }
};

#ifdef __CUDACC__

/// One thread a point, x on the fastest thread index; grids are limited along y and p, hence the strides.
template <class Body>
__global__ void run_on_grid(Index n, Index ny, Index nx, Body body) {
  const Index x = blockIdx.x * static_cast<Index>(blockDim.x) + threadIdx.x;
  if (x >= nx) return;
  for (Index p = blockIdx.z; p < n; p += gridDim.z)
    for (Index y = blockIdx.y * static_cast<Index>(blockDim.y) + threadIdx.y; y < ny;
         y += static_cast<Index>(gridDim.y) * blockDim.y)
      body(p, y, x);
}

/// Blocks of 256 threads, as wide as a row is, up to 128 along x.
template <class Body>
inline void enqueue(const Lane& lane, Index n, Index ny, Index nx, const Body& body) {
  constexpr Index threads = 256, longest = 65535;
  Index width = 1;
  while (width < nx && width < (ny > 1 ? threads / 2 : threads)) width *= 2;
  Index height = 1;
  while (height < ny && width * height < threads) height *= 2;
  const auto blocks = [](Index points, Index each) { return (points + each - 1) / each; };
  const auto limited = [](Index count) { return static_cast<unsigned>(count < longest ? count : longest); };
  const dim3 grid(static_cast<unsigned>(blocks(nx, width)), limited(blocks(ny, height)), limited(n));
  const dim3 block(static_cast<unsigned>(width), static_cast<unsigned>(height));
  run_on_grid<<<grid, block, 0, static_cast<cudaStream_t>(lane.stream())>>>(n, ny, nx, body);
  gpu::check_launch();
}

#elif __has_include(<fake_grid.hpp>)

/// Where the CUDA runtime is the tests' own: the body on the host, when the stream comes to it.
template <class Body>
inline void enqueue(const Lane& lane, Index n, Index ny, Index nx, const Body& body) {
  fake::enqueue(lane.stream(), [=] { run_on_host(n, ny, nx, body); });
  gpu::check_launch();
}

#else

template <class Body>
inline void enqueue(const Lane&, Index, Index, Index, const Body&) {
  gpu::check_launch();  // throws: without a compiler for GPUs there is no work for them
}

#endif

/// The name that a body has in a profile.
template <class Body>
struct NameOf {
  static const std::string& get() {
    static const std::string name = kernel_name(typeid(Body));
    return name;
  }
};
template <class Body>
struct NameOf<InOrder<Body>> : NameOf<Body> {};

/// Measures one launch of a body where its lane has a profile.
template <class Body>
inline Profile::Launch measured(const Lane& lane, Index n, Index ny, Index nx, const Body& body) {
  Profile* const profile = lane.profile();
  if (profile == nullptr) return {};
  return {*profile, lane.stream(), NameOf<Body>::get(), body.moved(static_cast<double>(n * ny * nx))};
}

/// Calls body(p, y, x) for every point of [n, ny, nx] on the lane's device. body.moved(points) says what it reads and
/// writes there.
template <class Body>
inline void launch(const Lane& lane, Index n, Index ny, Index nx, const Body& body) {
  static_assert(std::is_trivially_copyable_v<Body>);
  if (n <= 0 || ny <= 0 || nx <= 0) return;
  const Profile::Launch measurement = measured(lane, n, ny, nx, body);
  if (lane.device() == DeviceKind::cuda) return enqueue(lane, n, ny, nx, body);
  const DeviceAccess access(lane.device());
  run_on_host(n, ny, nx, body);
}

/// The same for a body that adds to the point (y, x), whatever p is: in the order of p.
template <class Body>
inline void launch_in_order(const Lane& lane, Index n, Index ny, Index nx, const Body& body) {
  if (lane.device() == DeviceKind::cuda) return launch(lane, 1, ny, nx, InOrder<Body>{n, body});
  launch(lane, n, ny, nx, body);
}

}  // namespace
}  // namespace tessera
