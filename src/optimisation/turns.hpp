#pragma once

#include <condition_variable>
#include <mutex>

#include "src/base/index.hpp"

namespace tessera {

/// Lets lanes through one after the other: the holder of ticket i waits for those before it.
class Turns {
 public:
  /// Whether it is the turn of `ticket`; false when another lane has failed.
  bool wait(Index ticket) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || next_ == ticket; });
    return !failed_;
  }
  void done() {
    const std::scoped_lock lock(mutex_);
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
  Index next_ = 0;
  bool failed_ = false;
};

}  // namespace tessera
