#include <cuda_runtime_api.h>

#include <atomic>
#include <cstdint>
#include <cstring>

#include "src/arrays/gpu.hpp"
#include "src/base/error.hpp"

namespace tessera::gpu {

namespace {

void check(cudaError_t code, const char* call) {
  if (code == cudaSuccess) return;
  cudaGetLastError();  // or the next launch would report it again
  throw SystemError(ExitCode::unclassified,
                    fmt::format("CUDA: {}: {} ({})", call, cudaGetErrorString(code), cudaGetErrorName(code)));
}

cudaStream_t stream_of(void* stream) { return static_cast<cudaStream_t>(stream); }

std::atomic<long long>& wait_count() {
  static std::atomic<long long> count = 0;
  return count;
}

/// What the pool has been given back stays there: allocations of one evaluation are those of the next.
void keep_pool(int ordinal) {
  cudaMemPool_t pool = nullptr;
  check(cudaDeviceGetDefaultMemPool(&pool, ordinal), "cudaDeviceGetDefaultMemPool");
  std::uint64_t all = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &all), "cudaMemPoolSetAttribute");
}

}  // namespace

bool built_in() { return true; }

int count() {
  int cards = 0;
  if (cudaGetDeviceCount(&cards) == cudaSuccess) return cards;
  cudaGetLastError();
  return 0;
}

std::string why_none() {
  int cards = 0;
  const cudaError_t code = cudaGetDeviceCount(&cards);
  cudaGetLastError();
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const auto version = [](int number) { return fmt::format("{}.{}", number / 1000, number % 1000 / 10); };
  if (driver == 0) return "this machine has no NVIDIA driver";
  if (code == cudaErrorInsufficientDriver)
    return fmt::format(
        "the driver knows CUDA {} and this program needs {}; use a newer driver or build with an older toolkit",
        version(driver), version(runtime));
  if (code == cudaErrorNoDevice) return "the driver shows this process no GPU (see CUDA_VISIBLE_DEVICES)";
  return fmt::format("CUDA: {} ({})", cudaGetErrorString(code), cudaGetErrorName(code));
}

Card card(int ordinal) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal), "cudaGetDeviceProperties");
  char bus_id[32] = {};
  check(cudaDeviceGetPCIBusId(bus_id, sizeof bus_id, ordinal), "cudaDeviceGetPCIBusId");
  return {.ordinal = ordinal,
          .name = properties.name,
          .bus_id = bus_id,
          .major = properties.major,
          .minor = properties.minor,
          .memory_bytes = properties.totalGlobalMem,
          .l2_bytes = static_cast<std::size_t>(properties.l2CacheSize),
          .multiprocessors = properties.multiProcessorCount};
}

void use(int ordinal) {
  check(cudaSetDevice(ordinal), "cudaSetDevice");
  keep_pool(ordinal);
}

int in_use() {
  int ordinal = 0;
  check(cudaGetDevice(&ordinal), "cudaGetDevice");
  return ordinal;
}

Memory memory() {
  Memory memory;
  check(cudaMemGetInfo(&memory.free, &memory.total), "cudaMemGetInfo");
  return memory;
}

std::shared_ptr<void> allocate(std::size_t bytes) {
  void* address = nullptr;
  const cudaError_t code = cudaMallocAsync(&address, bytes, nullptr);
  if (code == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    throw AllocationError(bytes, out_of_gpu_memory);
  }
  check(code, "cudaMallocAsync");
  // Freed in the default stream's order: after all that was put on any stream before.
  std::shared_ptr<void> memory(address, [](void* block) { cudaFreeAsync(block, nullptr); });
  zero(address, bytes);
  return memory;
}

std::shared_ptr<void> allocate_pinned(std::size_t bytes) {
  void* address = nullptr;
  const cudaError_t code = cudaMallocHost(&address, bytes);
  if (code == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    throw AllocationError(bytes);
  }
  check(code, "cudaMallocHost");
  std::memset(address, 0, bytes);
  return {address, [](void* block) { cudaFreeHost(block); }};
}

void copy(void* to, const void* from, std::size_t bytes) {
  ++wait_count();
  check(cudaMemcpy(to, from, bytes, cudaMemcpyDefault), "cudaMemcpy");
}

void copy_on(void* stream, void* to, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_of(stream)), "cudaMemcpyAsync");
}

void zero(void* at, std::size_t bytes) { check(cudaMemsetAsync(at, 0, bytes, nullptr), "cudaMemsetAsync"); }

std::shared_ptr<void> make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreate(&stream), "cudaStreamCreate");
  return {stream, [](void* handle) { cudaStreamDestroy(stream_of(handle)); }};
}

void wait(void* stream) {
  ++wait_count();
  check(cudaStreamSynchronize(stream_of(stream)), "cudaStreamSynchronize");
}

void check_launch() {
  const cudaError_t code = cudaGetLastError();
  if (code == cudaErrorNoKernelImageForDevice) {
    const Card here = card(in_use());
    throw SystemError(ExitCode::unclassified,
                      fmt::format("this program holds no code for {} (compute capability {}.{}): build it with "
                                  "-DCMAKE_CUDA_ARCHITECTURES={}{}, or use run.device: host",
                                  here.name, here.major, here.minor, here.major, here.minor));
  }
  check(code, "launch of a kernel");
}

Event::Event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  event_ = {event, [](void* handle) { cudaEventDestroy(static_cast<cudaEvent_t>(handle)); }};
}

void Event::record(void* stream) {
  check(cudaEventRecord(static_cast<cudaEvent_t>(event_.get()), stream_of(stream)), "cudaEventRecord");
}

void Event::let_wait(void* stream) const {
  check(cudaStreamWaitEvent(stream_of(stream), static_cast<cudaEvent_t>(event_.get()), 0), "cudaStreamWaitEvent");
}

namespace {

std::shared_ptr<void> make_timed_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "cudaEventCreate");
  return {event, [](void* handle) { cudaEventDestroy(static_cast<cudaEvent_t>(handle)); }};
}

}  // namespace

Interval::Interval() : begin_(make_timed_event()), end_(make_timed_event()) {}

void Interval::begin(void* stream) {
  check(cudaEventRecord(static_cast<cudaEvent_t>(begin_.get()), stream_of(stream)), "cudaEventRecord");
}

void Interval::end(void* stream) noexcept {
  static_cast<void>(cudaEventRecord(static_cast<cudaEvent_t>(end_.get()), stream_of(stream)));
}

double Interval::seconds() const {
  float ms = 0;
  check(cudaEventElapsedTime(&ms, static_cast<cudaEvent_t>(begin_.get()), static_cast<cudaEvent_t>(end_.get())),
        "cudaEventElapsedTime");
  return static_cast<double>(ms) * 1e-3;
}

long long waits() { return wait_count(); }

}  // namespace tessera::gpu
