#include "runtime.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <new>

namespace tessera::fake {

namespace {

constexpr std::size_t first_id = 64;  // of streams that are not a device's default stream
constexpr std::uintptr_t stream_handles = 0x10000000;

bool overlap(const Range& a, const Range& b) { return a.begin < b.begin + b.bytes && b.begin < a.begin + a.bytes; }
bool contains(const Range& outer, const Range& inner) {
  return outer.begin <= inner.begin && inner.begin + inner.bytes <= outer.begin + outer.bytes;
}

}  // namespace

std::mutex Runtime::mutex;
std::size_t Runtime::next_id = first_id;

ThreadState& thread_state() {
  thread_local ThreadState state;
  return state;
}

Runtime::Runtime(const Settings& given) : settings(given), random(given.seed) {
  constexpr std::array eagerness{0.0, 0.2, 0.5, 0.9};
  constexpr std::array redraws{0.02, 0.2, 1.0};
  eager_ = eagerness[random() % eagerness.size()];
  redraw_ = redraws[random() % redraws.size()];
  for (int device = 0; device < settings.devices; ++device) {
    const auto id = static_cast<std::size_t>(device);
    streams.emplace(id, Stream{.id = id, .device = device, .priority = draw()});
  }
}

std::size_t Runtime::create_stream(int device, bool blocking) {
  const std::size_t id = next_id++;
  streams.emplace(id, Stream{.id = id, .device = device, .blocking = blocking, .priority = draw(), .clock = host});
  return id;
}

Stream* Runtime::find_stream(cudaStream_t handle) {
  const auto value = reinterpret_cast<std::uintptr_t>(handle);
  const bool legacy = handle == nullptr || handle == cudaStreamLegacy;
  const std::size_t id = legacy ? static_cast<std::size_t>(thread_state().device) : value - stream_handles;
  const auto found = streams.find(id);
  if (found == streams.end() || found->second.destroyed || (!legacy && id < first_id)) return nullptr;
  return &found->second;
}

cudaStream_t Runtime::handle_of(std::size_t stream) { return reinterpret_cast<cudaStream_t>(stream_handles + stream); }

std::string Runtime::name_of(std::size_t stream) {
  if (stream < first_id) return "the default stream of device " + std::to_string(stream);
  return "stream " + std::to_string(stream - first_id + 1);
}

Moment Runtime::submit(Lock& lock, Stream& stream, Work work) {
  Clock clock = stream.clock;
  join(clock, host);
  join(clock, work.known);
  const auto wait_for = [&](const Stream& other) {
    work.after.push_back({other.id, other.enqueued});
    join(clock, other.clock);
  };
  // The default stream waits for all blocking streams, and they for it.
  const auto legacy = static_cast<std::size_t>(stream.device);
  if (stream.id == legacy) {
    for (const auto& [id, other] : streams)
      if (id != legacy && other.blocking && other.device == stream.device) wait_for(other);
  } else if (stream.blocking) {
    wait_for(streams.at(legacy));
  }
  const Moment moment{stream.id, ++stream.enqueued};
  clock[stream.id] = moment.count;
  work.clock = clock;
  stream.clock = std::move(clock);
  stream.queue.push_back(std::move(work));
  while (draw() < eager_ && run_one(lock)) {
  }
  return moment;
}

void Runtime::check_uses(const Work& work, const Moment& moment) {
  for (const Range& range : work.ranges) {
    Block* const block = memory.find(range.begin);
    if (block == nullptr) continue;
    for (const Use& use : block->uses) {
      if (!overlap(use.range, range) || !(use.range.write || range.write) || before(use.moment, work.clock)) continue;
      const std::string text = "nothing orders " + use.what + " on " + name_of(use.moment.stream) + " and " +
                               work.what + " on " + name_of(moment.stream) + ", and both touch byte " +
                               memory.describe(std::max(use.range.begin, range.begin)).substr(5);
      if (told_.insert(text).second) fault(text);
    }
    std::erase_if(block->uses, [&](const Use& use) {
      return contains(range, use.range) && before(use.moment, work.clock) && (range.write || !use.range.write);
    });
    block->uses.push_back({range, moment, work.what});
  }
}

bool Runtime::finished(const Moment& moment) const {
  const auto found = streams.find(moment.stream);
  return found == streams.end() || found->second.finished >= moment.count;
}

bool Runtime::ready(const Stream& stream) const {
  if (stream.queue.empty() || stream.running) return false;
  const std::vector<Moment>& after = stream.queue.front().after;
  return std::all_of(after.begin(), after.end(), [&](const Moment& moment) { return finished(moment); });
}

bool Runtime::run_one(Lock& lock) {
  Stream* next = nullptr;
  for (auto& [id, stream] : streams)
    if (ready(stream) && (next == nullptr || stream.priority > next->priority)) next = &stream;
  if (next == nullptr) return false;
  if (draw() < redraw_) next->priority = draw();
  execute(lock, *next);
  return true;
}

void Runtime::execute(Lock& lock, Stream& stream) {
  Work work = std::move(stream.queue.front());
  const Moment moment{stream.id, stream.finished + 1};
  ThreadState& thread = thread_state();
  stream.running = true;
  thread.doing = work.what.c_str();
  thread.stream = stream.id;
  thread.inside = work.host_function ? Inside::host_function : Inside::work;
  if (work.run && !lost) {
    if (work.host_function) {
      memory.close();
      lock.unlock();
      work.run();
      lock.lock();
    } else {
      if (!work.kernel) check_uses(work, moment);  // before it frees what it touches
      run_with_memory(work);
      if (work.kernel) check_uses(work, moment);
    }
  }
  thread.inside = Inside::program;
  stream.running = false;
  stream.queue.pop_front();
  ++stream.finished;
  changed_.notify_all();
}

void Runtime::run_with_memory(Work& work) {
  const bool traced = work.kernel && settings.trace;
  install_crash_report();  // which opens what is touched; others may have put theirs before it since
  if (traced) memory.begin_trace();
  for (const Range& range : work.ranges) memory.open_block(range.begin);
  try {
    work.run();
  } catch (const std::exception& error) {
    fault(work.what + " on " + name_of(thread_state().stream) + " threw: " + error.what());
  }
  if (!traced) return;
  const Trace trace = memory.end_trace();
  work.ranges = trace.ranges;
  Touched& sums = touched[work.what];
  ++sums.launches;
  sums.read_bytes += trace.read_bytes;
  sums.written_bytes += trace.written_bytes;
}

void Runtime::wait(Lock& lock, const Moment& moment, const Clock& clock) {
  while (!finished(moment)) {
    if (run_one(lock)) continue;
    const bool elsewhere =
        std::any_of(streams.begin(), streams.end(), [](const auto& each) { return each.second.running; });
    if (!elsewhere) std::terminate();  // an event is recorded before it is waited for, so something can always run
    changed_.wait(lock);
  }
  learn(clock);
}

/// What happened before anything that is still to run.
Clock Runtime::known_for_good() const {
  Clock known = host;
  for (const auto& [id, stream] : streams) {
    if (stream.queue.empty()) continue;
    for (auto& [other, count] : known) {
      const auto found = stream.queue.front().clock.find(other);
      count = std::min(count, found == stream.queue.front().clock.end() ? 0 : found->second);
    }
  }
  return known;
}

void Runtime::learn(const Clock& clock) {
  join(host, clock);
  memory.forget_uses(known_for_good());
  std::erase_if(streams, [&](const auto& each) {
    const Stream& stream = each.second;
    return stream.destroyed && stream.queue.empty() && before({stream.id, stream.enqueued}, host);
  });
}

void Runtime::wait_for_stream(Lock& lock, Stream& stream) {
  // The default stream's wait is for the blocking streams, too.
  if (stream.id == static_cast<std::size_t>(stream.device)) submit(lock, stream, {.what = "a wait"});
  const Moment last{stream.id, stream.enqueued};
  const Clock clock = stream.clock;
  ++counters.synchronisations;
  wait(lock, last, clock);
}

void Runtime::wait_for_device(Lock& lock, int device) {
  ++counters.synchronisations;
  std::vector<std::pair<Moment, Clock>> last;
  for (const auto& [id, stream] : streams)
    if (stream.device == device) last.push_back({{id, stream.enqueued}, stream.clock});
  for (const auto& [moment, clock] : last) wait(lock, moment, clock);
}

void Runtime::progress(Lock& lock) {
  while (run_one(lock) && draw() < 0.5) {
  }
}

void Runtime::fault(const std::string& text) {
  std::fprintf(stderr, "fake CUDA: fault: %s\n", text.c_str());
  faults.push_back(text);
  pending = cudaErrorUnknown;
}

Block* Runtime::block_of(const void* address, std::size_t bytes, const std::string& what, bool& valid) {
  Block* const block = memory.find(address);
  const auto* const begin = static_cast<const std::byte*>(address);
  std::string wrong;
  if (block == nullptr)
    wrong = memory.describe(address);
  else if (begin + bytes > block->begin + block->bytes)
    wrong = memory.describe(block->begin + block->bytes);
  else if (block->freeing)
    wrong = "freed " + memory.describe(address);
  valid = wrong.empty();
  if (!valid) fault(what + " touches " + wrong);
  return valid ? block : nullptr;
}

Block* Runtime::allocate(Lock& lock, BlockKind kind, int device, std::size_t bytes) {
  if (settings.fail_allocation > 0 && --settings.fail_allocation == 0) return nullptr;
  if (kind == BlockKind::device && memory.used_bytes(device, false) + bytes > settings.memory_bytes) return nullptr;
  // What is still to be freed must be, or the memory of this machine would not do.
  while (memory.used_bytes(device, true) + bytes > settings.memory_bytes && run_one(lock)) {
  }
  Block& block = memory.allocate(kind, device, bytes);
  if (kind == BlockKind::device) {
    ++counters.allocations;
    counters.allocated_bytes += bytes;
    counters.peak_bytes = std::max(counters.peak_bytes, counters.allocated_bytes);
  }
  return &block;
}

std::string Runtime::use_in_flight(const Block& block) const {
  return use_in_flight(block, {block.begin, block.bytes, true});
}

std::string Runtime::use_in_flight(const Block& block, const Range& whole) const {
  for (const Use& use : block.uses)
    if (overlap(use.range, whole) && (use.range.write || whole.write) && !before(use.moment, host))
      return use.what + " on " + name_of(use.moment.stream);
  for (const auto& [id, stream] : streams)
    for (const Work& work : stream.queue)
      for (const Range& range : work.ranges)
        if (overlap(range, whole) && (range.write || whole.write)) return work.what + " on " + name_of(id);
  return "";
}

void Runtime::release(Block& block) {
  const std::string name = memory.describe(block.begin);
  if (block.kind == BlockKind::device) counters.allocated_bytes -= block.bytes;
  if (!memory.release(block.begin))
    fault("something was written before or beyond the end of " + name.substr(name.find(" of ") + 4));
}

}  // namespace tessera::fake
