#pragma once

#include <cstddef>
#include <memory>

namespace tessera {

/// Where arrays live and kernels run. `debug` is a host whose memory is protected whenever no kernel or copy runs, so
/// that a missing copy crashes here as it would on a GPU (the idea is MFEM's).
enum class DeviceKind { host, debug };

/// Opens a device's memory for as long as it lives; kernels, FFTs and copies hold one.
class DeviceAccess {
 public:
  explicit DeviceAccess(DeviceKind kind);
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;

 private:
  DeviceKind kind_;
};

/// Zeroed memory on a device, aligned to 64 bytes at least (FFTW's vectors).
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceKind kind, std::size_t bytes);
  void* data() const { return memory_.get(); }

 private:
  std::shared_ptr<void> memory_;
};

}  // namespace tessera
