#pragma once

#include <memory>

#include "src/arrays/complex.hpp"
#include "src/arrays/lane.hpp"

namespace tessera {

/// Transforms of [count, ny, nx] arrays on a GPU by cuFFT: one plan for each stream and count, made when it is first
/// asked for and kept, as plans are not to be used on two streams at a time. `fft_cufft.cpp` is the only place for
/// cuFFT; a build without TESSERA_CUDA has `fft_gpu_none.cpp`. Private to kernels/fft_fftw.cpp.
template <class Real>
class GpuFft {
 public:
  GpuFft(Index ny, Index nx);
  void run(const Lane& lane, Complex<Real>* data, Index count, bool forward) const;

 private:
  struct Plans;
  std::shared_ptr<Plans> plans_;
};

}  // namespace tessera
