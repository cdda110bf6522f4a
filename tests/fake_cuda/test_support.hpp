#pragma once

#include <cuda_runtime_api.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "fake_cuda.hpp"
#include "fake_grid.hpp"

namespace tessera::fake::testing {

/// Begins anew for each case, and says that the case has left nothing behind that it did not look at.
struct Fresh {
  Fresh() { start({}); }
  ~Fresh() {
    for (const std::string& fault : take_faults()) BOOST_ERROR("a fault that was not expected: " << fault);
    for (const std::string& leak : leaks()) BOOST_ERROR("a leak that was not expected: " << leak);
    start({});
  }
};

/// Not a check of Boost.Test, which may not be made by two threads at a time.
inline void need(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}

/// Handles that free themselves.
class Stream {
 public:
  explicit Stream(unsigned flags = cudaStreamNonBlocking) { need(cudaStreamCreateWithFlags(&handle_, flags)); }
  ~Stream() { cudaStreamDestroy(handle_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return handle_; }

 private:
  cudaStream_t handle_ = nullptr;
};

class Event {
 public:
  Event() { need(cudaEventCreateWithFlags(&handle_, cudaEventDisableTiming)); }
  ~Event() { cudaEventDestroy(handle_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  operator cudaEvent_t() const { return handle_; }

 private:
  cudaEvent_t handle_ = nullptr;
};

/// Numbers on the device, or pinned on the host.
template <class T, bool pinned = false>
class Numbers {
 public:
  explicit Numbers(std::size_t count) : bytes_(count * sizeof(T)) {
    void* memory = nullptr;
    need(pinned ? cudaMallocHost(&memory, bytes_) : cudaMalloc(&memory, bytes_));
    data_ = static_cast<T*>(memory);
  }
  ~Numbers() { pinned ? cudaFreeHost(data_) : cudaFree(data_); }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;
  T* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_;
  T* data_ = nullptr;
};
template <class T>
using Pinned = Numbers<T, true>;

template <class T>
T value_of(const Numbers<T>& numbers, std::size_t at = 0) {
  T value;
  BOOST_REQUIRE_EQUAL(cudaMemcpy(&value, numbers.data() + at, sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
  return value;
}

/// The faults are one or more, and each has these words; they count as looked at.
inline bool found(const std::string& words) {
  const std::vector<std::string> all = take_faults();
  for (const std::string& fault : all)
    if (fault.find(words) == std::string::npos) {
      BOOST_ERROR("instead of \"" << words << "\": " << fault);
      return false;
    }
  return !all.empty();
}

struct Death {
  int status;
  std::string words;
  bool by_signal(int signal) const { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }
};

/// Runs `body` in a child process; how that ended, and what it printed as an error.
inline Death death_of(const std::function<void()>& body) {
  int ends[2];
  BOOST_REQUIRE_EQUAL(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    std::signal(SIGABRT, SIG_DFL);
    std::signal(SIGSEGV, SIG_DFL);
    start({});
    body();
    std::exit(0);
  }
  close(ends[1]);
  Death death{};
  char buffer[512];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    death.words.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  waitpid(child, &death.status, 0);
  return death;
}

}  // namespace tessera::fake::testing
