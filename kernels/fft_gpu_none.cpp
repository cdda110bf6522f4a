// A program that is built without TESSERA_CUDA.
#include "kernels/fft_gpu.hpp"

namespace tessera {

template <class Real>
struct GpuFft<Real>::Plans {};

template <class Real>
GpuFft<Real>::GpuFft(Index, Index) {
  throw SystemError(ExitCode::internal, "FFT on a GPU: " + gpu::why_none());
}

template <class Real>
void GpuFft<Real>::run(const Lane&, Complex<Real>*, Index, bool) const {
  throw SystemError(ExitCode::internal, "FFT on a GPU: " + gpu::why_none());
}

template class GpuFft<float>;
template class GpuFft<double>;

}  // namespace tessera
