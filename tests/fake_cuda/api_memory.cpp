#include <cstring>
#include <optional>

#include "runtime.hpp"

using namespace tessera::fake;

namespace {

const std::byte* bytes_at(const void* address) { return static_cast<const std::byte*>(address); }

/// A copy whose two ends are known.
struct Copy {
  std::byte* to;
  const std::byte* from;
  std::size_t bytes;
  const Block* to_block;  ///< null for pageable memory, as the other
  const Block* from_block;

  static bool on_device(const Block* block) { return block != nullptr && block->kind == BlockKind::device; }
  cudaMemcpyKind kind() const {
    if (on_device(to_block)) return on_device(from_block) ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice;
    return on_device(from_block) ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
  }
  std::string name() const {
    constexpr const char* names[] = {"a copy on the host", "a copy to the device", "a copy to the host",
                                     "a copy on the device"};
    return names[kind()];
  }
  bool pageable() const { return to_block == nullptr || from_block == nullptr; }
};

/// Both ends are looked up and checked, and the bytes counted; nothing if something is wrong.
std::optional<Copy> examined(Runtime& runtime, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  bool to_valid = true, from_valid = true;
  const Block* const to_block = runtime.block_of(to, bytes, "a copy", to_valid);
  const Block* const from_block = runtime.block_of(from, bytes, "a copy", from_valid);
  if (!to_valid || !from_valid) return std::nullopt;
  const Copy copy{static_cast<std::byte*>(to), bytes_at(from), bytes, to_block, from_block};
  if (kind != cudaMemcpyDefault && kind != copy.kind()) {
    runtime.fault(copy.name() + " is said to be of another kind");
    return std::nullopt;
  }
  Counters& counters = runtime.counters;
  if (copy.kind() == cudaMemcpyHostToDevice) counters.to_device_bytes += bytes;
  if (copy.kind() == cudaMemcpyDeviceToHost) counters.to_host_bytes += bytes;
  if (copy.kind() == cudaMemcpyDeviceToDevice) counters.on_device_bytes += bytes;
  return copy;
}

/// What touches memory at last finds it freed in between, as cudaFreeAsync allows, or does its work.
std::function<void()> unless_freed(Runtime& runtime, const std::string& what, const std::vector<const void*>& addresses,
                                   const std::function<void()>& run) {
  return [=, &runtime] {
    for (const void* const address : addresses)
      if (runtime.memory.find(address) == nullptr && !runtime.memory.describe(address).empty())
        return runtime.fault(what + " touches " + runtime.memory.describe(address));
    run();
  };
}

Work work_of(Runtime& runtime, const Copy& copy) {
  const auto run = [copy] { std::memmove(copy.to, copy.from, copy.bytes); };
  return {.what = copy.name(),
          .run = unless_freed(runtime, copy.name(), {copy.to, copy.from}, run),
          .ranges = {{copy.from, copy.bytes, false}, {copy.to, copy.bytes, true}}};
}

cudaError_t set(Runtime& runtime, Lock& lock, Stream& stream, void* address, int value, std::size_t bytes) {
  bool valid = true;
  const Block* const block = runtime.block_of(address, bytes, "a memset", valid);
  if (block == nullptr) return cudaErrorInvalidValue;
  const auto run = [=] { std::memset(address, value, bytes); };
  runtime.submit(lock, stream,
                 {.what = "a memset",
                  .run = unless_freed(runtime, "a memset", {address}, run),
                  .ranges = {{bytes_at(address), bytes, true}}});
  return cudaSuccess;
}

cudaError_t allocated(Runtime& runtime, Lock& lock, BlockKind kind, void** address, std::size_t bytes) {
  *address = nullptr;
  if (bytes == 0) return cudaSuccess;
  const Block* const block = runtime.allocate(lock, kind, thread_state().device, bytes);
  if (block == nullptr) return cudaErrorMemoryAllocation;
  *address = block->begin;
  return cudaSuccess;
}

/// The block that begins there, or a fault.
Block* to_be_freed(Runtime& runtime, const void* address, BlockKind kind, const std::string& call_name) {
  Block* const block = runtime.memory.begins(address);
  if (block != nullptr && block->kind == kind && !block->freeing) return block;
  const std::string where = runtime.memory.describe(address);
  runtime.fault(call_name + " is given " + (where.empty() ? "an address that is no memory of its kind" : where));
  return nullptr;
}

}  // namespace

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return call("cudaMemGetInfo", [&](Runtime& runtime, Lock&) {
    const std::size_t used = runtime.memory.used_bytes(thread_state().device, false);
    *total = runtime.settings.memory_bytes;
    *free = *total - std::min(used, *total);
    return cudaSuccess;
  });
}

cudaError_t cudaMalloc(void** devPtr, size_t size) {
  const auto body = [&](Runtime& runtime, Lock& lock) {
    return allocated(runtime, lock, BlockKind::device, devPtr, size);
  };
  return call("cudaMalloc", body, true);
}

cudaError_t cudaMallocHost(void** ptr, size_t size) { return cudaHostAlloc(ptr, size, cudaHostAllocDefault); }

cudaError_t cudaHostAlloc(void** pHost, size_t size, unsigned int) {
  const auto body = [&](Runtime& runtime, Lock& lock) {
    return allocated(runtime, lock, BlockKind::pinned, pHost, size);
  };
  return call("cudaHostAlloc", body, true);
}

cudaError_t cudaMallocAsync(void** devPtr, size_t size, cudaStream_t hStream) {
  const auto body = [&](Runtime& runtime, Lock& lock) {
    Stream* const stream = runtime.find_stream(hStream);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    const cudaError_t error = allocated(runtime, lock, BlockKind::device, devPtr, size);
    if (error == cudaSuccess && size > 0)
      runtime.submit(lock, *stream, {.what = "an allocation", .ranges = {{bytes_at(*devPtr), size, true}}});
    return error;
  };
  return call("cudaMallocAsync", body, true);
}

cudaError_t cudaFree(void* devPtr) {
  return call("cudaFree", [&](Runtime& runtime, Lock& lock) {
    if (devPtr == nullptr) return cudaSuccess;
    const Block* const block = to_be_freed(runtime, devPtr, BlockKind::device, "cudaFree");
    if (block == nullptr) return cudaErrorInvalidValue;
    runtime.wait_for_device(lock, block->device);
    runtime.release(*runtime.memory.begins(devPtr));
    return cudaSuccess;
  });
}

cudaError_t cudaFreeAsync(void* devPtr, cudaStream_t hStream) {
  return call("cudaFreeAsync", [&](Runtime& runtime, Lock& lock) {
    if (devPtr == nullptr) return cudaSuccess;
    Stream* const stream = runtime.find_stream(hStream);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    Block* const block = to_be_freed(runtime, devPtr, BlockKind::device, "cudaFreeAsync");
    if (block == nullptr) return cudaErrorInvalidValue;
    block->freeing = true;
    const auto run = [&runtime, devPtr] { runtime.release(*runtime.memory.begins(devPtr)); };
    runtime.submit(lock, *stream,
                   {.what = "the freeing of memory", .run = run, .ranges = {{block->begin, block->bytes, true}}});
    return cudaSuccess;
  });
}

cudaError_t cudaFreeHost(void* ptr) {
  return call("cudaFreeHost", [&](Runtime& runtime, Lock&) {
    if (ptr == nullptr) return cudaSuccess;
    Block* const block = to_be_freed(runtime, ptr, BlockKind::pinned, "cudaFreeHost");
    if (block == nullptr) return cudaErrorInvalidValue;
    if (const std::string use = runtime.use_in_flight(*block); !use.empty())
      runtime.fault("pinned memory is freed while the host has not waited for " + use);
    runtime.release(*block);
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpy(void* dst, const void* src, size_t count, cudaMemcpyKind kind) {
  return call("cudaMemcpy", [&](Runtime& runtime, Lock& lock) {
    if (count == 0) return cudaSuccess;
    std::optional<Copy> copy = examined(runtime, dst, src, count, kind);
    if (!copy) return cudaErrorInvalidValue;
    Stream& stream = *runtime.find_stream(nullptr);
    if (copy->kind() == cudaMemcpyHostToDevice && copy->from_block == nullptr) {
      // CUDA waits, takes a copy of pageable memory, and returns while that may still be on its way to the device.
      runtime.wait_for_stream(lock, stream);
      const auto staged = std::make_shared<std::vector<std::byte>>(copy->from, copy->from + count);
      copy->from = staged->data();
      Work work = work_of(runtime, *copy);
      work.run = [staged, run = std::move(work.run)] { run(); };
      runtime.submit(lock, stream, std::move(work));
      return cudaSuccess;
    }
    runtime.submit(lock, stream, work_of(runtime, *copy));
    if (copy->kind() != cudaMemcpyDeviceToDevice) runtime.wait_for_stream(lock, stream);
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpyAsync(void* dst, const void* src, size_t count, cudaMemcpyKind kind, cudaStream_t handle) {
  return call("cudaMemcpyAsync", [&](Runtime& runtime, Lock& lock) {
    if (count == 0) return cudaSuccess;
    Stream* const stream = runtime.find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    const std::optional<Copy> copy = examined(runtime, dst, src, count, kind);
    if (!copy) return cudaErrorInvalidValue;
    if (copy->pageable())
      runtime.fault(copy->name() + " on " + Runtime::name_of(stream->id) +
                    " is asynchronous, but the host's memory is pageable");
    runtime.submit(lock, *stream, work_of(runtime, *copy));
    return cudaSuccess;
  });
}

cudaError_t cudaMemset(void* devPtr, int value, size_t count) { return cudaMemsetAsync(devPtr, value, count, nullptr); }

cudaError_t cudaMemsetAsync(void* devPtr, int value, size_t count, cudaStream_t handle) {
  return call("cudaMemset", [&](Runtime& runtime, Lock& lock) {
    if (count == 0) return cudaSuccess;
    Stream* const stream = runtime.find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    return set(runtime, lock, *stream, devPtr, value, count);
  });
}
