#include <cuda_runtime_api.h>
#include <cufft.h>

#include <map>
#include <mutex>
#include <type_traits>
#include <utility>

#include "kernels/fft_gpu.hpp"

namespace tessera {

namespace {

void check(cufftResult code, const char* call, std::size_t bytes = 0) {
  if (code == CUFFT_SUCCESS) return;
  cudaGetLastError();  // or the next launch would report what cuFFT has met in the runtime
  if (code == CUFFT_ALLOC_FAILED) throw AllocationError(bytes, out_of_gpu_memory);
  throw SystemError(ExitCode::unclassified, fmt::format("cuFFT: {} failed with code {}", call, static_cast<int>(code)));
}

/// A handle of cuFFT, without a transform yet.
class CufftHandle {
 public:
  CufftHandle() { check(cufftCreate(&handle_), "cufftCreate"); }
  ~CufftHandle() { cufftDestroy(handle_); }
  CufftHandle(const CufftHandle&) = delete;
  CufftHandle& operator=(const CufftHandle&) = delete;
  cufftHandle get() const { return handle_; }

 private:
  cufftHandle handle_ = 0;
};

/// A plan on one stream.
class CufftPlan {
 public:
  CufftPlan(Index ny, Index nx, Index count, cufftType type, void* stream) {
    long long axes[2] = {ny, nx};
    std::size_t work_bytes = 0;
    const cufftResult made =
        cufftMakePlanMany64(handle(), 2, axes, nullptr, 1, ny * nx, nullptr, 1, ny * nx, type, count, &work_bytes);
    check(made, "cufftMakePlanMany64", work_bytes);
    check(cufftSetStream(handle(), static_cast<cudaStream_t>(stream)), "cufftSetStream");
  }
  cufftHandle handle() const { return handle_.get(); }

 private:
  CufftHandle handle_;  // freed, too, where the plan finds no room
};

}  // namespace

template <class Real>
struct GpuFft<Real>::Plans {
  Index ny, nx;
  std::mutex mutex;  // lanes ask for their plans from threads of their own
  std::map<std::pair<void*, Index>, CufftPlan> plans;

  cufftHandle plan(void* stream, Index count) {
    const std::scoped_lock lock(mutex);
    const cufftType type = std::is_same_v<Real, float> ? CUFFT_C2C : CUFFT_Z2Z;
    return plans.try_emplace({stream, count}, ny, nx, count, type, stream).first->second.handle();
  }
};

template <class Real>
GpuFft<Real>::GpuFft(Index ny, Index nx) : plans_(std::make_shared<Plans>()) {
  plans_->ny = ny;
  plans_->nx = nx;
}

template <class Real>
void GpuFft<Real>::run(const Lane& lane, Complex<Real>* data, Index count, bool forward) const {
  if (count == 0) return;
  const cufftHandle plan = plans_->plan(lane.stream(), count);
  const int direction = forward ? CUFFT_FORWARD : CUFFT_INVERSE;
  if constexpr (std::is_same_v<Real, float>) {
    auto* const values = reinterpret_cast<cufftComplex*>(data);
    check(cufftExecC2C(plan, values, values, direction), "cufftExecC2C");
  } else {
    auto* const values = reinterpret_cast<cufftDoubleComplex*>(data);
    check(cufftExecZ2Z(plan, values, values, direction), "cufftExecZ2Z");
  }
}

template class GpuFft<float>;
template class GpuFft<double>;

}  // namespace tessera
