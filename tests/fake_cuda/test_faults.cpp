#define BOOST_TEST_MODULE faults that the fake device finds
#include <cufft.h>

#include "test_support.hpp"

using namespace tessera::fake;
using namespace tessera::fake::testing;

namespace {

constexpr std::uint64_t seeds = 1000;

/// The producer fills numbers on one stream, the consumer adds them on another; how many seeds give a wrong sum.
int wrong_sums(bool with_event) {
  constexpr int count = 16;
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    start({.seed = seed});
    const Stream producer, consumer;
    const Event produced;
    const Numbers<float> numbers(count), sum(1);
    cudaMemset(numbers.data(), 0, numbers.bytes());
    cudaDeviceSynchronize();
    enqueue(producer, [at = numbers.data()] { std::fill_n(at, count, 1.0F); });
    cudaEventRecord(produced, producer);
    if (with_event) cudaStreamWaitEvent(consumer, produced);
    enqueue(consumer, [from = numbers.data(), to = sum.data()] {
      *to = 0;
      for (int i = 0; i < count; ++i) *to += from[i];
    });
    cudaStreamSynchronize(consumer);
    if (value_of(sum) != count) ++wrong;
  }
  return wrong;
}

cudaError_t copy_async(void* to, const void* from, std::size_t bytes, cudaStream_t stream) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_missing_wait_for_an_event_gives_wrong_sums, Fresh) {
  BOOST_TEST(wrong_sums(true) == 0);
  const int wrong = wrong_sums(false);
  BOOST_TEST_MESSAGE("wrong for " << wrong << " of " << seeds << " seeds");
  BOOST_TEST(wrong > 100);
  BOOST_TEST(wrong < 900);
}

// A copy from pageable memory returns when CUDA has the bytes, not when the device has them.
BOOST_FIXTURE_TEST_CASE(an_asynchronous_copy_of_pageable_memory_is_found, Fresh) {
  const Stream stream;
  const Numbers<int> numbers(4);
  int here[4] = {1, 2, 3, 4};
  BOOST_TEST(cudaMemcpyAsync(numbers.data(), here, sizeof here, cudaMemcpyHostToDevice, stream) == cudaErrorUnknown);
  BOOST_TEST(found("pageable"));
  BOOST_TEST(cudaMemcpyAsync(here, numbers.data(), sizeof here, cudaMemcpyDeviceToHost, stream) == cudaErrorUnknown);
  BOOST_TEST(found("pageable"));
  cudaStreamSynchronize(stream);
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(a_missing_copy_crashes, Fresh) {
  const auto reading_on_host = [] {
    const Numbers<int> numbers(4);
    cudaMemset(numbers.data(), 0, numbers.bytes());
    cudaDeviceSynchronize();
    std::exit(*static_cast<volatile int*>(numbers.data()));
  };
  const Death read = death_of(reading_on_host);
  BOOST_TEST(read.by_signal(SIGSEGV));
  BOOST_TEST(read.words.find("the host touches byte 0 of device memory") != std::string::npos, read.words);

  const auto kernel_beyond = [] {
    const Numbers<float> numbers(64);  // 256 bytes: CUDA's unit
    enqueue(nullptr, [at = numbers.data()] { at[64] = 1; });
    cudaDeviceSynchronize();
  };
  const Death beyond = death_of(kernel_beyond);
  BOOST_TEST(beyond.by_signal(SIGSEGV));
  BOOST_TEST(
      beyond.words.find("kernel 1 on the default stream of device 0 touches 0 bytes beyond the end of device memory") !=
          std::string::npos,
      beyond.words);
}

BOOST_FIXTURE_TEST_CASE(a_kernel_that_uses_freed_memory_crashes, Fresh) {
  const auto late_kernel = [] {
    float* memory = nullptr;
    cudaMalloc(reinterpret_cast<void**>(&memory), 64);
    cudaFree(memory);
    enqueue(nullptr, [memory] { *memory = 1; });
    cudaDeviceSynchronize();
  };
  const Death death = death_of(late_kernel);
  BOOST_TEST(death.by_signal(SIGSEGV));
  BOOST_TEST(death.words.find("touches byte 0 of freed device memory") != std::string::npos, death.words);
}

BOOST_FIXTURE_TEST_CASE(memory_freed_on_a_stream_is_freed_in_its_order, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    const Stream one, two;
    const Event event;
    void* memory = nullptr;
    cudaMallocAsync(&memory, 1024, one);
    cudaMemsetAsync(memory, 0, 1024, one);
    cudaEventRecord(event, one);
    cudaStreamWaitEvent(two, event);
    cudaMemsetAsync(memory, 1, 1024, two);
    cudaFreeAsync(memory, two);
    cudaDeviceSynchronize();
    BOOST_TEST(faults().empty());

    cudaMallocAsync(&memory, 1024, one);
    cudaMemsetAsync(memory, 0, 1024, one);
    cudaFreeAsync(memory, two);
    cudaDeviceSynchronize();
    BOOST_TEST(found(""));  // the missing order, or what comes of it
    cudaGetLastError();
  }
}

BOOST_FIXTURE_TEST_CASE(bad_addresses_are_found, Fresh) {
  const Numbers<int> numbers(4);
  int here[8] = {};
  BOOST_TEST(cudaMemcpy(here, numbers.data(), 20, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  BOOST_TEST(found("a copy touches 0 bytes beyond the end of device memory"));
  BOOST_TEST(cudaMemcpy(numbers.data(), here, 16, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  BOOST_TEST(found("is said to be of another kind"));
  BOOST_TEST(cudaFree(here) == cudaErrorInvalidValue);
  BOOST_TEST(found("cudaFree is given an address"));
  void* memory = nullptr;
  cudaMalloc(&memory, 16);
  cudaFree(memory);
  BOOST_TEST(cudaFree(memory) == cudaErrorInvalidValue);
  BOOST_TEST(found("freed device memory"));
  BOOST_TEST(cudaMemset(memory, 0, 16) == cudaErrorInvalidValue);
  BOOST_TEST(found("a memset touches byte 0 of freed device memory"));
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(writing_between_the_end_and_the_next_unit_is_found, Fresh) {
  void* memory = nullptr;
  cudaMalloc(&memory, 100);
  enqueue(nullptr, [memory] {
    static_cast<char*>(memory)[0] = 1;  // or the page is still closed, and this crashes
    static_cast<char*>(memory)[100] = 1;
  });
  cudaDeviceSynchronize();
  BOOST_TEST(cudaFree(memory) == cudaErrorUnknown);
  BOOST_TEST(found("before or beyond the end"));
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(pinned_memory_is_not_freed_under_a_copy, Fresh) {
  const Stream stream;
  const Numbers<int> numbers(4);
  void* there = nullptr;
  cudaMallocHost(&there, 16);
  copy_async(numbers.data(), there, 16, stream);
  BOOST_TEST(cudaFreeHost(there) == cudaErrorUnknown);
  BOOST_TEST(found("pinned memory is freed while the host has not waited for a copy"));
  cudaStreamSynchronize(stream);
  take_faults();  // the copy finds it gone, if it had not run
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(leaks_are_found, Fresh) {
  void *memory = nullptr, *pinned = nullptr;
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr;
  cufftHandle plan = 0;
  cudaMalloc(&memory, 16);
  cudaMallocHost(&pinned, 16);
  cudaStreamCreate(&stream);
  cudaEventCreate(&event);
  cufftCreate(&plan);
  BOOST_TEST(leaks().size() == 5U);
  cudaFree(memory);
  cudaFreeHost(pinned);
  cudaStreamDestroy(stream);
  cudaEventDestroy(event);
  cufftDestroy(plan);
  BOOST_TEST(leaks().empty());

  const Death death = death_of([] {
    void* lost = nullptr;
    cudaMalloc(&lost, 16);
  });
  BOOST_TEST((WIFEXITED(death.status) && WEXITSTATUS(death.status) == 70));
  BOOST_TEST(death.words.find("leak: device memory 1 (16 bytes)") != std::string::npos, death.words);
}

// With a trace no luck is needed: the pages that kernels touch must be ordered.
