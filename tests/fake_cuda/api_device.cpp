#include <cstdio>
#include <cstring>

#include "runtime.hpp"

namespace tessera::fake {

cudaError_t call(const char* name, const std::function<cudaError_t(Runtime&, Lock&)>& body, bool creates) {
  ThreadState& thread = thread_state();
  Runtime& runtime = Runtime::get();
  Lock lock(Runtime::mutex, std::defer_lock);
  if (thread.inside != Inside::work) lock.lock();
  if (thread.inside != Inside::program) {
    runtime.fault(std::string(name) + " is called from within " + thread.doing);
    return thread.last_error = cudaErrorNotPermitted;
  }
  const auto earlier = [&] {
    const cudaError_t error = runtime.lost ? cudaErrorLaunchFailure : runtime.pending;
    runtime.pending = cudaSuccess;
    return error;
  };
  cudaError_t error = creates ? earlier() : cudaSuccess;  // what fails must not have made anything
  if (error == cudaSuccess) error = body(runtime, lock);
  runtime.memory.close();
  if (error == cudaSuccess && !creates) error = earlier();
  if (error != cudaSuccess) thread.last_error = error;
  return error;
}

namespace {

constexpr int runtime_version = CUDART_VERSION;

/// Whether the driver can serve this runtime, and has a device.
cudaError_t devices_usable(const Runtime& runtime) {
  if (runtime.settings.driver / 1000 < runtime_version / 1000) return cudaErrorInsufficientDriver;
  return runtime.settings.devices == 0 ? cudaErrorNoDevice : cudaSuccess;
}

cudaError_t valid_device(const Runtime& runtime, int device) {
  if (const cudaError_t error = devices_usable(runtime); error != cudaSuccess) return error;
  return device >= 0 && device < runtime.settings.devices ? cudaSuccess : cudaErrorInvalidDevice;
}

constexpr std::uintptr_t pool_handles = 0x30000000;

cudaError_t valid_pool(const Runtime& runtime, cudaMemPool_t pool) {
  const std::uintptr_t device = reinterpret_cast<std::uintptr_t>(pool) - pool_handles;
  return device < static_cast<std::uintptr_t>(runtime.settings.devices) ? cudaSuccess : cudaErrorInvalidValue;
}

/// An H100 in most respects.
cudaDeviceProp properties_of(const Runtime& runtime, int device) {
  cudaDeviceProp prop{};
  std::snprintf(prop.name, sizeof prop.name, "fake CUDA device");
  std::memcpy(prop.uuid.bytes, "tessera fake", 12);
  prop.uuid.bytes[15] = static_cast<char>(device);
  prop.totalGlobalMem = runtime.settings.memory_bytes;
  prop.sharedMemPerBlock = 48 << 10;
  prop.sharedMemPerBlockOptin = 227 << 10;
  prop.sharedMemPerMultiprocessor = 228 << 10;
  prop.regsPerBlock = prop.regsPerMultiprocessor = 65536;
  prop.warpSize = 32;
  prop.maxThreadsPerBlock = 1024;
  prop.maxThreadsPerMultiProcessor = 2048;
  prop.maxBlocksPerMultiProcessor = 32;
  prop.maxThreadsDim[0] = prop.maxThreadsDim[1] = 1024;
  prop.maxThreadsDim[2] = 64;
  prop.maxGridSize[0] = 2147483647;
  prop.maxGridSize[1] = prop.maxGridSize[2] = 65535;
  prop.major = runtime.settings.architecture / 10;
  prop.minor = runtime.settings.architecture % 10;
  prop.multiProcessorCount = 132;
  prop.concurrentKernels = prop.ECCEnabled = prop.unifiedAddressing = prop.cooperativeLaunch = 1;
  prop.pciBusID = device + 1;
  prop.asyncEngineCount = 3;
  prop.memoryBusWidth = 5120;
  prop.l2CacheSize = 50 << 20;
  prop.memoryPoolsSupported = 1;
  prop.clusterLaunch = prop.major >= 9 ? 1 : 0;
  return prop;
}

struct ErrorWords {
  cudaError_t error;
  const char* name;
  const char* text;
};

constexpr ErrorWords words[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
     "no kernel image is available for execution on the device"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources", "too many resources requested for launch"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotPermitted, "cudaErrorNotPermitted", "operation not permitted"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"}};

const ErrorWords* words_of(cudaError_t error) {
  for (const ErrorWords& each : words)
    if (each.error == error) return &each;
  return nullptr;
}

}  // namespace
}  // namespace tessera::fake

using namespace tessera::fake;

cudaError_t cudaGetDeviceCount(int* count) {
  return call("cudaGetDeviceCount", [&](Runtime& runtime, Lock&) {
    const cudaError_t error = devices_usable(runtime);
    *count = error == cudaSuccess ? runtime.settings.devices : 0;
    return error;
  });
}

cudaError_t cudaSetDevice(int device) {
  return call("cudaSetDevice", [&](Runtime& runtime, Lock&) {
    const cudaError_t error = valid_device(runtime, device);
    if (error == cudaSuccess) thread_state().device = device;
    return error;
  });
}

cudaError_t cudaGetDevice(int* device) {
  return call("cudaGetDevice", [&](Runtime& runtime, Lock&) {
    *device = thread_state().device;
    return devices_usable(runtime);
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* prop, int device) {
  return call("cudaGetDeviceProperties", [&](Runtime& runtime, Lock&) {
    const cudaError_t error = valid_device(runtime, device);
    if (error == cudaSuccess) *prop = properties_of(runtime, device);
    return error;
  });
}

cudaError_t cudaDeviceGetPCIBusId(char* pciBusId, int len, int device) {
  return call("cudaDeviceGetPCIBusId", [&](Runtime& runtime, Lock&) {
    if (const cudaError_t error = valid_device(runtime, device); error != cudaSuccess) return error;
    const int written = std::snprintf(pciBusId, static_cast<std::size_t>(len), "0000:%02X:00.0", device + 1);
    return written < len ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaDriverGetVersion(int* driverVersion) {
  return call("cudaDriverGetVersion", [&](Runtime& runtime, Lock&) {
    *driverVersion = runtime.settings.driver;
    return cudaSuccess;
  });
}

cudaError_t cudaRuntimeGetVersion(int* runtimeVersion) {
  *runtimeVersion = runtime_version;
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  return call("cudaDeviceSynchronize", [&](Runtime& runtime, Lock& lock) {
    runtime.wait_for_device(lock, thread_state().device);
    return cudaSuccess;
  });
}

// A device's pool has no memory of its own: what is freed goes back to the device at once.
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* memPool, int device) {
  return call("cudaDeviceGetDefaultMemPool", [&](Runtime& runtime, Lock&) {
    const cudaError_t error = valid_device(runtime, device);
    *memPool = error == cudaSuccess
                   ? reinterpret_cast<cudaMemPool_t>(pool_handles + static_cast<std::uintptr_t>(device))
                   : nullptr;
    return error;
  });
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t memPool, cudaMemPoolAttr attr, void* value) {
  return call("cudaMemPoolSetAttribute", [&](Runtime& runtime, Lock&) {
    const bool known = attr == cudaMemPoolAttrReleaseThreshold && value != nullptr;
    return known ? valid_pool(runtime, memPool) : cudaErrorInvalidValue;
  });
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t memPool, size_t) {
  return call("cudaMemPoolTrimTo", [&](Runtime& runtime, Lock&) { return valid_pool(runtime, memPool); });
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = cudaPeekAtLastError();
  thread_state().last_error = cudaSuccess;
  return error;
}

cudaError_t cudaPeekAtLastError() {
  const cudaError_t error = call("cudaGetLastError", [](Runtime&, Lock&) { return cudaSuccess; });
  return error == cudaSuccess ? thread_state().last_error : error;
}

const char* cudaGetErrorName(cudaError_t error) {
  const ErrorWords* const found = words_of(error);
  return found == nullptr ? "unrecognized error code" : found->name;
}

const char* cudaGetErrorString(cudaError_t error) {
  const ErrorWords* const found = words_of(error);
  return found == nullptr ? "unrecognized error code" : found->text;
}
