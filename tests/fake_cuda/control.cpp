#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "fake_grid.hpp"
#include "runtime.hpp"

namespace tessera::fake {

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv((std::string("TESSERA_FAKE_CUDA_") + name).c_str());
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::vector<std::string> leaks_of(const Runtime& runtime) {
  std::vector<std::string> lines;
  for (const auto& [begin, block] : runtime.memory.blocks())
    if (!block.freeing) {
      const std::string text = runtime.memory.describe(begin);
      lines.push_back(text.substr(text.find(" of ") + 4));
    }
  for (const auto& [id, stream] : runtime.streams)
    if (id >= static_cast<std::size_t>(runtime.settings.devices) && !stream.destroyed)
      lines.push_back(Runtime::name_of(id));
  for (const auto& [id, event] : runtime.events) lines.push_back("event " + std::to_string(id));
  for (const auto& [id, plan] : runtime.plans) lines.push_back("FFT plan " + std::to_string(id));
  return lines;
}

/// At the end of the program: a fault or a leak that no test has looked at must not pass.
void report_at_exit() {
  const Runtime& runtime = Runtime::get();
  const std::vector<std::string> lines = leaks_of(runtime);
  for (const std::string& line : lines) std::fprintf(stderr, "fake CUDA: leak: %s\n", line.c_str());
  if (lines.empty() && runtime.faults.empty()) return;
  std::fprintf(stderr, "fake CUDA: %zu faults and %zu leaks\n", runtime.faults.size(), lines.size());
  std::fflush(nullptr);
  std::_Exit(70);
}

/// The one runtime. It outlives all static objects, which may free what they hold at the end of the program.
std::optional<Runtime>& instance() {
  static auto* const kept = [] {
    std::atexit(&report_at_exit);
    install_crash_report();
    return new std::optional<Runtime>(std::in_place, environment_settings());
  }();
  return *kept;
}

/// The name of the body that launch.hpp was instantiated for, which is in the type of the work; else its number.
std::string kernel_name(const std::function<void()>& work, std::uint64_t number) {
  int status = 0;
  char* const demangled = abi::__cxa_demangle(work.target_type().name(), nullptr, nullptr, &status);
  std::string text = status == 0 ? demangled : "";
  std::free(demangled);
  for (const std::string scope : {"(anonymous namespace)::", "tessera::"})
    for (std::size_t at = 0; (at = text.find(scope)) != std::string::npos;) text.erase(at, scope.size());
  const std::string before = "enqueue<";
  const std::size_t found = text.find(before);
  if (found == std::string::npos) return "kernel " + std::to_string(number);
  const std::size_t begin = found + before.size();
  std::size_t end = begin;
  for (int depth = 1; end < text.size(); ++end) {
    depth += text[end] == '<' ? 1 : text[end] == '>' ? -1 : 0;
    if (depth == 0) break;
  }
  if (text[end - 1] == ' ') --end;  // between two brackets
  return "kernel " + text.substr(begin, end - begin);
}

template <class Change>
auto changed(const Change& change) {
  Runtime& runtime = Runtime::get();
  const Lock lock(Runtime::mutex);
  return change(runtime);
}

}  // namespace

Runtime& Runtime::get() { return *instance(); }

Settings environment_settings() {
  const Settings plain;
  return {.seed = from_environment("SEED", plain.seed),
          .memory_bytes = from_environment("MEMORY", plain.memory_bytes),
          .devices = static_cast<int>(from_environment("DEVICES", static_cast<std::uint64_t>(plain.devices))),
          .architecture =
              static_cast<int>(from_environment("ARCHITECTURE", static_cast<std::uint64_t>(plain.architecture))),
          .driver = static_cast<int>(from_environment("DRIVER", static_cast<std::uint64_t>(plain.driver))),
          .trace = from_environment("TRACE", 0) != 0,
          .mpi = static_cast<GpuMpi>(from_environment("MPI", 0)),
          .fail_allocation = from_environment("FAIL_ALLOCATION", 0),
          .fail_launch = from_environment("FAIL_LAUNCH", 0),
          .lose_device = from_environment("LOSE_DEVICE", 0)};
}

void start(const Settings& settings) {
  Runtime& runtime = Runtime::get();
  const Lock lock(Runtime::mutex);
  while (!runtime.memory.blocks().empty()) runtime.memory.release(runtime.memory.blocks().begin()->first);
  instance().emplace(settings);
  thread_state() = {};
  install_crash_report();
}

void seed(std::uint64_t value) {
  changed([&](Runtime& runtime) { runtime.random.seed(value); });
}
void memory_bytes(std::size_t bytes) {
  changed([&](Runtime& runtime) { runtime.settings.memory_bytes = bytes; });
}
void devices(int count) {
  changed([&](Runtime& runtime) {
    runtime.settings.devices = count;
    for (int device = 0; device < count; ++device) {
      const auto id = static_cast<std::size_t>(device);
      runtime.streams.emplace(id, Stream{.id = id, .device = device});
    }
  });
}
void fail_allocation(std::uint64_t k) {
  changed([&](Runtime& runtime) { runtime.settings.fail_allocation = k; });
}
void fail_launch(std::uint64_t k) {
  changed([&](Runtime& runtime) { runtime.settings.fail_launch = k; });
}
void lose_device(std::uint64_t k) {
  changed([&](Runtime& runtime) { runtime.settings.lose_device = k; });
}

Counters counters() {
  return changed([](Runtime& runtime) { return runtime.counters; });
}
std::uint64_t synchronisations() { return counters().synchronisations; }
std::vector<std::string> faults() {
  return changed([](Runtime& runtime) { return runtime.faults; });
}
std::vector<std::string> take_faults() {
  return changed([](Runtime& runtime) {
    runtime.pending = cudaSuccess;
    return std::exchange(runtime.faults, {});
  });
}
std::map<std::string, Touched> touched() {
  return changed([](Runtime& runtime) { return runtime.touched; });
}
std::vector<std::string> leaks() {
  return changed([](Runtime& runtime) { return leaks_of(runtime); });
}

OpenMemory::OpenMemory() {
  changed([](Runtime& runtime) { runtime.memory.hold_open(1); });
}
OpenMemory::~OpenMemory() {
  changed([](Runtime& runtime) { runtime.memory.hold_open(-1); });
}

void enqueue(void* stream, std::function<void()> work) {
  call("launch", [&](Runtime& runtime, Lock& lock) {
    Stream* const found = runtime.find_stream(static_cast<cudaStream_t>(stream));
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    if (found->device != thread_state().device) {
      runtime.fault("a kernel is launched on " + Runtime::name_of(found->id) + ", which is of another device");
      return cudaErrorInvalidResourceHandle;
    }
    if (runtime.settings.architecture < 80) return cudaErrorNoKernelImageForDevice;
    ++runtime.counters.launches;
    if (runtime.settings.fail_launch > 0 && --runtime.settings.fail_launch == 0) return cudaErrorLaunchOutOfResources;
    if (runtime.settings.lose_device > 0 && --runtime.settings.lose_device == 0) runtime.lost = true;
    thread_state().kernels[found->id] = found->enqueued + 1;
    std::string name = kernel_name(work, runtime.counters.launches);
    runtime.submit(lock, *found, {.what = std::move(name), .run = std::move(work), .kernel = true});
    return cudaSuccess;
  });
}

}  // namespace tessera::fake
