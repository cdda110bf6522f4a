#pragma once

#include <memory>
#include <span>

#include "src/arrays/array.hpp"
#include "src/arrays/gpu.hpp"
#include "src/arrays/profile.hpp"

namespace tessera {

/// What kernels run on: a device, one ordered stream of work on it, and scratch memory for that work. On a host a lane
/// is a thread, on a GPU a stream; lanes run side by side, what one lane is given runs in that order.
class Lane {
 public:
  /// Not explicit: work made once needs no lane of its own, a device will do; on a GPU it is in order with all lanes.
  Lane(DeviceKind device = DeviceKind::host, std::shared_ptr<Profile> profile = nullptr)
      : device_(device), profile_(std::move(profile)) {}
  /// A lane whose work runs beside that of others.
  static Lane beside_others(DeviceKind device) {
    Lane lane(device);
    if (device != DeviceKind::cuda) return lane;
    lane.stream_ = gpu::make_stream();
    lane.card_ = gpu::in_use();
    return lane;
  }

  DeviceKind device() const { return device_; }
  /// Of a GPU; null is the default stream.
  void* stream() const { return stream_.get(); }
  /// What its kernels are measured with; null: they are not.
  Profile* profile() const { return profile_.get(); }
  void measure_with(std::shared_ptr<Profile> profile) { profile_ = std::move(profile); }
  /// To be called by the thread that is to give it work: a new thread knows no card.
  void enter() const {
    if (device_ == DeviceKind::cuda) gpu::use(card_);
  }
  /// `count` numbers of scratch on the device, undefined before, valid until the next call; grows and is kept.
  Array<double>& scratch(Index count) const {
    if (scratch_.count() < count) scratch_ = Array<double>(device_, count);
    return scratch_;
  }

 private:
  DeviceKind device_;
  std::shared_ptr<Profile> profile_;
  std::shared_ptr<void> stream_;
  int card_ = 0;
  mutable Array<double> scratch_;
};

/// Copies to the lane's device in the lane's order, from memory that kernels of its device may reach or, for a GPU,
/// from pinned memory; the host does not wait.
inline void copy_ahead(const Lane& lane, void* to, const void* from, std::size_t bytes) {
  if (lane.device() == DeviceKind::cuda) return gpu::copy_on(lane.stream(), to, from, bytes);
  copy_bytes(lane.device(), to, from, bytes);
}

}  // namespace tessera
