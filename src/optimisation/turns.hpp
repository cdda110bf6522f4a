#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "src/arrays/lane.hpp"

namespace tessera {

/// Lets lanes through one after the other: the holder of ticket i waits for those before it, its thread and, on a GPU,
/// what its stream is given from then on.
class Turns {
 public:
  /// `device` of lanes with streams of their own; with one lane, whose stream keeps the order, the host will do.
  explicit Turns(DeviceKind device) {
    if (device == DeviceKind::cuda) before_.emplace();
  }

  /// Whether it is the turn of `ticket`; false when another lane has failed.
  bool wait(Index ticket, const Lane& lane) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || next_ == ticket; });
    if (!failed_ && before_ && ticket > 0) before_->let_wait(lane.stream());
    return !failed_;
  }
  void done(const Lane& lane) {
    const std::scoped_lock lock(mutex_);
    if (before_) before_->record(lane.stream());
    ++next_;
    changed_.notify_all();
  }
  void fail() {
    const std::scoped_lock lock(mutex_);
    failed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<gpu::Event> before_;  ///< the work of the turns before
  Index next_ = 0;
  bool failed_ = false;
};

}  // namespace tessera
