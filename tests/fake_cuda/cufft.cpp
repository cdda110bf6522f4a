#include <cufft.h>

#include <algorithm>

#include "fft_plan.hpp"
#include "runtime.hpp"

namespace tessera::fake {

namespace {

using OnPlan = std::function<cudaError_t(Runtime&, Lock&, Plan&)>;

cufftResult result_of(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return CUFFT_SUCCESS;
    case cudaErrorMemoryAllocation:
      return CUFFT_ALLOC_FAILED;
    case cudaErrorInvalidResourceHandle:
      return CUFFT_INVALID_PLAN;
    case cudaErrorInvalidValue:
      return CUFFT_INVALID_VALUE;
    case cudaErrorNotSupported:
      return CUFFT_INVALID_TYPE;
    default:
      return CUFFT_EXEC_FAILED;
  }
}

cufftResult call_on(const char* name, cufftHandle handle, const OnPlan& body, bool creates = false) {
  const auto found_plan = [&](Runtime& runtime, Lock& lock) {
    const auto found = runtime.plans.find(handle);
    if (found != runtime.plans.end()) return body(runtime, lock, *std::shared_ptr<Plan>(found->second));
    runtime.fault(std::string(name) + " is given an FFT plan that does not exist");
    return cudaErrorInvalidResourceHandle;
  };
  return result_of(call(name, found_plan, creates));
}

template <class Int>
Layout layout_of(int rank, const Int* length, const Int* embed, std::ptrdiff_t stride, std::ptrdiff_t distance) {
  Layout layout;
  const Int* const size = embed == nullptr ? length : embed;
  std::ptrdiff_t step = embed == nullptr ? 1 : stride;
  std::ptrdiff_t points = 1;
  for (int axis = rank - 1; axis >= 0; --axis) {
    layout.step[static_cast<std::size_t>(axis)] = step;
    step *= size[axis];
    points *= length[axis];
  }
  layout.distance = embed == nullptr ? points : distance;
  return layout;
}

template <class Int>
cufftResult make(cufftHandle handle, int rank, const Int* n, const Int* inembed, std::ptrdiff_t istride,
                 std::ptrdiff_t idist, const Int* onembed, std::ptrdiff_t ostride, std::ptrdiff_t odist, cufftType type,
                 std::ptrdiff_t batch, std::size_t* work_bytes) {
  const auto body = [&](Runtime& runtime, Lock& lock, Plan& plan) {
    if (rank < 1 || rank > max_rank || batch < 1 || plan.fftw[0]) return cudaErrorInvalidValue;
    if (type != CUFFT_C2C && type != CUFFT_Z2Z) return cudaErrorNotSupported;
    Shape shape{.rank = rank, .batch = batch};
    std::copy_n(n, rank, shape.length.begin());
    const bool embedded = inembed != nullptr && onembed != nullptr;  // as cuFFT has it: both or none
    shape.in = layout_of(rank, n, embedded ? inembed : nullptr, istride, idist);
    shape.out = layout_of(rank, n, embedded ? onembed : nullptr, ostride, odist);
    plan.type = type;
    plan.shape = shape;
    *work_bytes = plan.work_bytes();
    if (plan.automatic) {
      const Block* const block = runtime.allocate(lock, BlockKind::device, thread_state().device, plan.work_bytes());
      if (block == nullptr) return cudaErrorMemoryAllocation;
      plan.own = plan.area = block->begin;
    }
    plan.prepare();
    return cudaSuccess;
  };
  return call_on("cufftMakePlanMany", handle, body, true);
}

cufftResult execute(const char* name, cufftHandle handle, void* idata, void* odata, int direction, cufftType type) {
  return call_on(name, handle, [&](Runtime& runtime, Lock& lock, Plan& plan) {
    const std::string what = "FFT plan " + std::to_string(plan.number);
    if (!plan.fftw[0] || plan.type != type) return cudaErrorNotSupported;
    if (direction != CUFFT_FORWARD && direction != CUFFT_INVERSE) return cudaErrorInvalidValue;
    Stream* const stream = runtime.find_stream(plan.stream);
    if (stream == nullptr || plan.area == nullptr) {
      runtime.fault(what + (stream == nullptr ? " is used on a stream that does not exist" : " has no work area"));
      return cudaErrorUnknown;
    }
    auto* const in = static_cast<std::byte*>(idata);
    auto* const out = static_cast<std::byte*>(odata);
    const Range read{in, plan.shape.span(plan.shape.in) * plan.number_bytes(), false};
    const Range written{out, plan.shape.span(plan.shape.out) * plan.number_bytes(), true};
    const Range area{plan.area, plan.work_bytes(), true};
    for (const Range& range : {read, written, area}) {
      bool valid = true;
      const Block* const block = runtime.block_of(range.begin, range.bytes, what, valid);
      if (block != nullptr && block->kind == BlockKind::device) continue;
      if (valid) runtime.fault(what + " touches memory that is not the device's");
      return cudaErrorUnknown;
    }
    ++runtime.counters.transforms;
    if (runtime.settings.trace) {
      Touched& sums = runtime.touched["cuFFT"];
      ++sums.launches;
      sums.read_bytes += read.bytes;
      sums.written_bytes += written.bytes;
    }
    const Plan then = plan;
    runtime.submit(lock, *stream,
                   {.what = what, .run = [=] { then.transform(in, direction); }, .ranges = {read, area}});
    runtime.submit(
        lock, *stream,
        {.what = what, .run = [=] { then.deliver(out); }, .ranges = {{area.begin, area.bytes, false}, written}});
    return cudaSuccess;
  });
}

}  // namespace
}  // namespace tessera::fake

using namespace tessera::fake;

cufftResult cufftCreate(cufftHandle* handle) {
  const auto body = [&](Runtime& runtime, Lock&) {
    *handle = static_cast<int>(Runtime::next_id++);
    runtime.plans.emplace(*handle, std::make_shared<Plan>(Plan{.number = *handle}));
    return cudaSuccess;
  };
  return result_of(call("cufftCreate", body, true));
}

cufftResult cufftPlanMany(cufftHandle* plan, int rank, int* n, int* inembed, int istride, int idist, int* onembed,
                          int ostride, int odist, cufftType type, int batch) {
  std::size_t work_bytes = 0;
  if (const cufftResult result = cufftCreate(plan); result != CUFFT_SUCCESS) return result;
  const cufftResult result =
      cufftMakePlanMany(*plan, rank, n, inembed, istride, idist, onembed, ostride, odist, type, batch, &work_bytes);
  if (result != CUFFT_SUCCESS) cufftDestroy(*plan);
  return result;
}

cufftResult cufftMakePlanMany(cufftHandle plan, int rank, int* n, int* inembed, int istride, int idist, int* onembed,
                              int ostride, int odist, cufftType type, int batch, size_t* workSize) {
  return make<int>(plan, rank, n, inembed, istride, idist, onembed, ostride, odist, type, batch, workSize);
}

cufftResult cufftMakePlanMany64(cufftHandle plan, int rank, long long int* n, long long int* inembed,
                                long long int istride, long long int idist, long long int* onembed,
                                long long int ostride, long long int odist, cufftType type, long long int batch,
                                size_t* workSize) {
  return make<long long int>(plan, rank, n, inembed, istride, idist, onembed, ostride, odist, type, batch, workSize);
}

cufftResult cufftGetSize(cufftHandle handle, size_t* workSize) {
  return call_on("cufftGetSize", handle, [&](Runtime&, Lock&, Plan& plan) {
    *workSize = plan.fftw[0] ? plan.work_bytes() : 0;
    return cudaSuccess;
  });
}

cufftResult cufftSetWorkArea(cufftHandle handle, void* workArea) {
  return call_on("cufftSetWorkArea", handle, [&](Runtime&, Lock&, Plan& plan) {
    plan.area = static_cast<std::byte*>(workArea);
    return cudaSuccess;
  });
}

cufftResult cufftSetAutoAllocation(cufftHandle handle, int autoAllocate) {
  return call_on("cufftSetAutoAllocation", handle, [&](Runtime&, Lock&, Plan& plan) {
    plan.automatic = autoAllocate != 0;
    return cudaSuccess;
  });
}

cufftResult cufftSetStream(cufftHandle handle, cudaStream_t stream) {
  return call_on("cufftSetStream", handle, [&](Runtime&, Lock&, Plan& plan) {
    plan.stream = stream;
    return cudaSuccess;
  });
}

cufftResult cufftExecC2C(cufftHandle plan, cufftComplex* idata, cufftComplex* odata, int direction) {
  return execute("cufftExecC2C", plan, idata, odata, direction, CUFFT_C2C);
}

cufftResult cufftExecZ2Z(cufftHandle plan, cufftDoubleComplex* idata, cufftDoubleComplex* odata, int direction) {
  return execute("cufftExecZ2Z", plan, idata, odata, direction, CUFFT_Z2Z);
}

cufftResult cufftDestroy(cufftHandle handle) {
  return call_on("cufftDestroy", handle, [&](Runtime& runtime, Lock& lock, Plan& plan) {
    Block* const own = plan.own == nullptr ? nullptr : runtime.memory.begins(plan.own);
    if (own != nullptr) {
      runtime.wait_for_device(lock, own->device);  // as cudaFree does
      runtime.release(*runtime.memory.begins(plan.own));
    }
    runtime.plans.erase(handle);
    return cudaSuccess;
  });
}

cufftResult cufftGetVersion(int* version) {
  *version = CUFFT_VERSION;
  return CUFFT_SUCCESS;
}
