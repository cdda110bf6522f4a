#define BOOST_TEST_MODULE errors and devices as told to the fake runtime
#include <stdexcept>

#include "test_support.hpp"

using namespace tessera::fake;
using namespace tessera::fake::testing;

BOOST_FIXTURE_TEST_CASE(allocations_fail_when_told_or_when_there_is_no_room, Fresh) {
  void* memory = nullptr;
  fail_allocation(2);
  BOOST_TEST(cudaMalloc(&memory, 16) == cudaSuccess);
  cudaFree(memory);
  BOOST_TEST(cudaMalloc(&memory, 16) == cudaErrorMemoryAllocation);
  BOOST_TEST(memory == nullptr);
  BOOST_TEST(cudaGetLastError() == cudaErrorMemoryAllocation);
  BOOST_TEST(cudaGetLastError() == cudaSuccess);
  memory_bytes(4096);
  const Numbers<char> most(3072);
  BOOST_TEST(cudaMalloc(&memory, 2048) == cudaErrorMemoryAllocation);
  std::size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  BOOST_TEST(free == 1024U);
  BOOST_TEST(total == 4096U);
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(launches_fail_when_told, Fresh) {
  fail_launch(2);
  int ran = 0;
  enqueue(nullptr, [&] { ++ran; });
  BOOST_TEST(cudaGetLastError() == cudaSuccess);
  enqueue(nullptr, [&] { ++ran; });
  BOOST_TEST(cudaGetLastError() == cudaErrorLaunchOutOfResources);
  BOOST_TEST(cudaDeviceSynchronize() == cudaSuccess);
  BOOST_TEST(ran == 1);
  BOOST_TEST(counters().launches == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_lost_device_stays_lost, Fresh) {
  lose_device(1);
  enqueue(nullptr, [] {});
  BOOST_TEST(cudaDeviceSynchronize() == cudaErrorLaunchFailure);
  void* memory = nullptr;
  BOOST_TEST(cudaMalloc(&memory, 16) == cudaErrorLaunchFailure);
  BOOST_TEST(cudaGetLastError() == cudaErrorLaunchFailure);
  BOOST_TEST(cudaGetLastError() == cudaErrorLaunchFailure);
}

BOOST_FIXTURE_TEST_CASE(what_a_kernel_throws_is_told_by_the_next_call, Fresh) {
  enqueue(nullptr, [] { throw std::runtime_error("index 7"); });
  BOOST_TEST(cudaDeviceSynchronize() == cudaErrorUnknown);
  BOOST_TEST(found("threw: index 7"));
  BOOST_TEST(cudaGetLastError() == cudaErrorUnknown);
}

BOOST_FIXTURE_TEST_CASE(devices_are_as_set, Fresh) {
  int count = -1;
  start({.devices = 2, .architecture = 80});
  BOOST_TEST(cudaGetDeviceCount(&count) == cudaSuccess);
  BOOST_TEST(count == 2);
  cudaDeviceProp first{}, second{};
  BOOST_TEST(cudaGetDeviceProperties(&first, 0) == cudaSuccess);
  BOOST_TEST(cudaGetDeviceProperties(&second, 1) == cudaSuccess);
  BOOST_TEST(first.major == 8);
  BOOST_TEST((std::string(first.uuid.bytes, 16) != std::string(second.uuid.bytes, 16)));
  BOOST_TEST(cudaSetDevice(2) == cudaErrorInvalidDevice);
  {
    const Stream of_first;
    cudaSetDevice(1);
    enqueue(of_first, [] {});
    BOOST_TEST(found("which is of another device"));
    BOOST_TEST(cudaGetLastError() == cudaErrorInvalidResourceHandle);
  }
  start({.devices = 0});
  BOOST_TEST(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
  BOOST_TEST(count == 0);
  start({.driver = 12040});
  BOOST_TEST(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver);
  start({.architecture = 70});
  enqueue(nullptr, [] {});
  BOOST_TEST(cudaGetLastError() == cudaErrorNoKernelImageForDevice);
}

BOOST_FIXTURE_TEST_CASE(the_host_may_open_memory_as_mpi_does, Fresh) {
  const Numbers<int> numbers(1);
  cudaMemset(numbers.data(), 0, numbers.bytes());
  cudaDeviceSynchronize();
  {
    const OpenMemory open;
    BOOST_TEST(*numbers.data() == 0);
    cudaDeviceSynchronize();
    *numbers.data() = 3;
  }
  BOOST_TEST(value_of(numbers) == 3);
}
