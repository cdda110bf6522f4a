#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "src/arrays/device.hpp"
#include "src/arrays/gpu.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// Bytes that a piece of work reads and writes: each number that it needs once, whatever caches make of it.
struct Moved {
  double read = 0;
  double written = 0;
  friend Moved operator*(double times, const Moved& each) { return {times * each.read, times * each.written}; }
  Moved& operator+=(const Moved& other) {
    read += other.read;
    written += other.written;
    return *this;
  }
};

/// What a kernel has taken so far.
struct KernelSums {
  double seconds = 0;
  Index calls = 0;
  Moved moved = {};
  KernelSums& operator+=(const KernelSums& other);
};
using KernelTable = std::map<std::string, KernelSums, std::less<>>;

/// Seconds, calls and bytes of the kernels of one lane, by name. On a host by its clock, on a GPU by two events in the
/// lane's stream for each launch, so that nothing waits until `collect`. One thread at a time.
class Profile {
 public:
  explicit Profile(DeviceKind device) : device_(device) {}

  /// From its construction to its end the calling thread gives one kernel to the lane; by default it measures nothing.
  class Launch {
   public:
    Launch() = default;
    Launch(Profile& profile, void* stream, std::string_view name, const Moved& moved);
    ~Launch() {
      if (profile_ != nullptr) end();
    }
    Launch(const Launch&) = delete;
    Launch& operator=(const Launch&) = delete;

   private:
    void end();

    Profile* profile_ = nullptr;
    void* stream_ = nullptr;
    KernelSums* sums_ = nullptr;
    double start_s_ = 0;
    gpu::Interval* interval_ = nullptr;
  };

  /// Adds the seconds of a GPU's launches since the last call, all of which must be done.
  void collect();
  /// What has been collected; on a host what was run.
  const KernelTable& table() const { return table_; }

 private:
  struct Pending {
    KernelSums* sums;
    gpu::Interval* interval;
  };

  DeviceKind device_;
  KernelTable table_;
  std::deque<gpu::Interval> intervals_;  ///< made once, used again after each `collect`
  std::vector<Pending> pending_;
};

/// "Transmit" of a body's type tessera::(anonymous namespace)::Transmit<float>.
std::string kernel_name(const std::type_info& body);

}  // namespace tessera
