#include "src/workflow/start/heartbeat.hpp"

#include <chrono>

namespace tessera {

Heartbeat::Heartbeat(double period_s, std::function<void()> beat)
    : thread_([this, period = std::chrono::duration<double>(period_s), beat = std::move(beat)](std::stop_token stop) {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, stop, period, [&] { return stop.stop_requested(); })) beat();
      }) {}

}  // namespace tessera
