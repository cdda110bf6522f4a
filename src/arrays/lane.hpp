#pragma once

#include <span>

#include "src/arrays/array.hpp"

namespace tessera {

/// What kernels run on: a device, one ordered stream of work on it, and scratch memory for that work. On a host a lane
/// is a thread; lanes run side by side, what one lane is given runs in that order.
class Lane {
 public:
  /// Not explicit: work made once needs no lane of its own, a device will do.
  Lane(DeviceKind device = DeviceKind::host) : device_(device) {}

  DeviceKind device() const { return device_; }
  /// `count` numbers of scratch on the device, undefined before, valid until the next call; grows and is kept.
  Array<double>& scratch(Index count) const {
    if (scratch_.count() < count) scratch_ = Array<double>(device_, count);
    return scratch_;
  }

 private:
  DeviceKind device_;
  mutable Array<double> scratch_;
};

}  // namespace tessera
