#pragma once

#include <cstddef>
#include <memory>

namespace tessera {

/// Where arrays live and kernels run. `debug` is a host whose memory is protected whenever no kernel or copy runs, so
/// that a missing copy crashes here as it would on a GPU (the idea is MFEM's). `cuda` is the GPU that this thread uses
/// (gpu.hpp); `pinned` is memory of the host, where kernels run on the host, that a GPU's kernels reach, too.
enum class DeviceKind { host, debug, cuda, pinned };

const char* name_of(DeviceKind kind);

/// Opens a device's memory for as long as it lives; kernels, FFTs and copies on a host hold one.
class DeviceAccess {
 public:
  explicit DeviceAccess(DeviceKind kind);
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;

 private:
  DeviceKind kind_;
};

/// Copies bytes between the host and `device`, or within it: one of the two is the host's own memory, or both are the
/// device's. Later work of any lane sees them.
void copy_bytes(DeviceKind device, void* to, const void* from, std::size_t bytes);
void zero_bytes(DeviceKind device, void* at, std::size_t bytes);

/// The host waits for all that the device was given; a host has done it.
void finish(DeviceKind device);

/// The host's memory through which arrays of `device` cross between ranks.
inline DeviceKind staging_for(DeviceKind device) {
  return device == DeviceKind::cuda ? DeviceKind::pinned : DeviceKind::host;
}

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
