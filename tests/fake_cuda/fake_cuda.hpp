#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// What tests ask of the fake runtime, beside CUDA's own names. All of it belongs to the process.
namespace tessera::fake {

/// What MPI does with a device's memory: nothing (it crashes, as it takes it for the host's); it takes it, and says so;
/// it takes it without saying so; it says so, and loses some bytes; it says so, and refuses to send it.
enum class GpuMpi { none, takes, silent, loses, refuses };

/// Each is also read from the environment at the first call: TESSERA_FAKE_CUDA_SEED and so on, in capitals.
struct Settings {
  std::uint64_t seed = 1;                           ///< the order of what nothing orders
  std::size_t memory_bytes = std::size_t{1} << 30;  ///< of each device
  int devices = 1;                                  ///< how many there are
  int architecture = 90;  ///< 10 major + minor; launches fail on one below 80, as if not compiled for
  int driver = 13000;     ///< version; one older than the runtime's, or 0 for none, finds no device
  bool trace = false;     ///< find out which pages each kernel reads and writes, and whether their order is right
  GpuMpi mpi = GpuMpi::none;
  std::uint64_t fail_allocation = 0;  ///< the k-th allocation from now fails; 0: none
  std::uint64_t fail_launch = 0;      ///< the k-th launch from now fails
  std::uint64_t lose_device = 0;      ///< at the k-th launch from now the device is lost: every later call fails
};

/// What has been done since the start.
struct Counters {
  std::uint64_t synchronisations = 0;  ///< times the host waited for the device
  std::uint64_t launches = 0;
  std::uint64_t transforms = 0;       ///< executed cuFFT plans
  std::uint64_t allocations = 0;      ///< of device memory
  std::uint64_t allocated_bytes = 0;  ///< now, over all devices
  std::uint64_t peak_bytes = 0;       ///< the most there was at once
  std::uint64_t to_device_bytes = 0;  ///< copied
  std::uint64_t to_host_bytes = 0;
  std::uint64_t on_device_bytes = 0;
  std::uint64_t messages = 0;  ///< that MPI sent from device memory
};

/// What a kernel that was traced has touched in all its launches: whole pages, each once a launch.
struct Touched {
  std::uint64_t launches = 0;
  std::uint64_t read_bytes = 0;  ///< of pages that were not written before; on an x86: elsewhere of all
  std::uint64_t written_bytes = 0;
};

/// The settings of the environment.
Settings environment_settings();
/// Forgets everything there is, streams and memory too, and begins anew. Old handles are not valid any more.
void start(const Settings& settings);

void seed(std::uint64_t value);
void memory_bytes(std::size_t bytes);
void devices(int count);
void fail_allocation(std::uint64_t k);
void fail_launch(std::uint64_t k);
void lose_device(std::uint64_t k);

Counters counters();
std::uint64_t synchronisations();
/// By the name of the kernel's body. FFTs are "cuFFT", and have touched what they are given and give, once each.
std::map<std::string, Touched> touched();
/// One line for each fault found so far: what, where, which streams. At the end of the program those that nobody took
/// are printed, with the leaks, and end it with exit code 70.
std::vector<std::string> faults();
std::vector<std::string> take_faults();
/// One line for each stream, event, plan and allocation that has not been freed.
std::vector<std::string> leaks();

/// While it lives, the host may touch device memory: what MPI with GPU support does inside its calls.
class OpenMemory {
 public:
  OpenMemory();
  ~OpenMemory();
  OpenMemory(const OpenMemory&) = delete;
  OpenMemory& operator=(const OpenMemory&) = delete;
};

}  // namespace tessera::fake
