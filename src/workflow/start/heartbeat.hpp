#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tessera {

/// Calls a function every so often from a thread of its own, as long as it exists: a run is alive while it reads, plans
/// and writes, too. The function must not throw and must not call MPI.
class Heartbeat {
 public:
  Heartbeat(double period_s, std::function<void()> beat);
  /// Returns when no beat is under way.
  ~Heartbeat() = default;

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace tessera
