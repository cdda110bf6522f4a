#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "fake_cuda.hpp"
#include "memory.hpp"

namespace tessera::fake {

using Lock = std::unique_lock<std::mutex>;

/// A piece of work of a stream.
struct Work {
  std::string what;
  std::function<void()> run = nullptr;  ///< nothing, where the work is only a place in the order
  std::vector<Range> ranges = {};       ///< what it is known to touch
  std::vector<Moment> after = {};       ///< what it waits for, beside what is before it in its stream
  Clock known = {};                     ///< all that happened before those
  Clock clock = {};                     ///< with its own place in the order, once it is in a stream
  bool kernel = false;                  ///< what it touches is found out by running it
  bool host_function = false;           ///< runs without the runtime's lock and without device memory
};

struct Stream {
  std::size_t id = 0;
  int device = 0;
  bool blocking = true;  ///< ordered with the default stream
  bool destroyed = false;
  bool running = false;  ///< a host function of it runs in some thread
  std::deque<Work> queue = {};
  std::uint64_t enqueued = 0, finished = 0;  ///< pieces of work
  double priority = 0;
  Clock clock = {};  ///< what happens before its next piece of work
};

struct Event {
  bool timed = true;
  bool recorded = false;
  Moment moment = {};
  Clock clock = {};
  std::chrono::steady_clock::time_point time = {};
};

struct Plan;  // of cuFFT, in cufft.cpp

/// Where a thread is: in the program, in a kernel (with the lock), or in a host function (without).
enum class Inside { program, work, host_function };
struct ThreadState {
  int device = 0;
  cudaError_t last_error = cudaSuccess;
  Inside inside = Inside::program;
  const char* doing = "";
  std::size_t stream = 0;
  Clock kernels = {};  ///< the last one that it gave to each stream
};
ThreadState& thread_state();

/// The fake's devices. Work is queued, and runs in an order drawn from the seed among all that streams, events and the
/// default stream's rules allow: some of it at once, the rest when the host waits.
class Runtime {
 public:
  static Runtime& get();
  explicit Runtime(const Settings& given);

  /// Streams: the default one of a device has the device's number.
  std::size_t create_stream(int device, bool blocking);
  Stream* find_stream(cudaStream_t handle);
  static cudaStream_t handle_of(std::size_t stream);
  static std::string name_of(std::size_t stream);

  /// Puts work at the end of a stream, and lets some of what is ready run.
  Moment submit(Lock& lock, Stream& stream, Work work);
  bool finished(const Moment& moment) const;
  /// Runs work until this piece is done; the host then knows all that happened before it.
  void wait(Lock& lock, const Moment& moment, const Clock& clock);
  void wait_for_stream(Lock& lock, Stream& stream);
  void wait_for_device(Lock& lock, int device);
  /// Runs at least one piece of work, if any can run: what a query needs so that polling ends.
  void progress(Lock& lock);
  void learn(const Clock& clock);

  /// A fault of the program: kept, printed, and told by the next call.
  void fault(const std::string& text);
  /// Memory that exists and holds all these bytes, or a fault; null for pageable memory.
  Block* block_of(const void* address, std::size_t bytes, const std::string& what, bool& valid);
  /// New memory, or null where there is no room or an allocation is to fail.
  Block* allocate(Lock& lock, BlockKind kind, int device, std::size_t bytes);
  void release(Block& block);
  /// What uses the block and has not been waited for by the host, in words; empty if nothing does.
  std::string use_in_flight(const Block& block) const;
  std::string use_in_flight(const Block& block, const Range& range) const;

  Settings settings;
  Counters counters = {};
  Memory memory = {};
  std::map<std::size_t, Event> events = {};
  std::map<int, std::shared_ptr<Plan>> plans = {};
  std::map<std::size_t, Stream> streams = {};
  std::map<std::string, Touched> touched = {};
  std::vector<std::string> faults = {};
  cudaError_t pending = cudaSuccess;  ///< told by the next call
  bool lost = false;                  ///< the device: nothing works any more
  std::mt19937_64 random;
  Clock host = {};  ///< what the host has waited for

  static std::mutex mutex;
  static std::size_t next_id;  ///< of streams, events and plans; handles of an earlier start stay invalid

 private:
  bool ready(const Stream& stream) const;
  bool run_one(Lock& lock);
  void execute(Lock& lock, Stream& stream);
  void run_with_memory(Work& work);
  /// What has run and what runs now touch the same bytes, and nothing orders them: they are faults, with any seed.
  void check_uses(const Work& work, const Moment& moment);
  Clock known_for_good() const;
  double draw() { return std::uniform_real_distribution<double>()(random); }

  std::condition_variable changed_ = {};
  std::set<std::string> told_ = {};
  double eager_ = 0;   ///< how much runs as soon as it is queued
  double redraw_ = 1;  ///< how often a stream that has run gets another priority
};

/// A call of the program's: locks, refuses calls from within work, tells errors of earlier work, keeps the last error.
cudaError_t call(const char* name, const std::function<cudaError_t(Runtime&, Lock&)>& body, bool creates = false);

/// Reports accesses to memory of devices or to freed memory, before they end the program as they would without it.
void install_crash_report();

}  // namespace tessera::fake
