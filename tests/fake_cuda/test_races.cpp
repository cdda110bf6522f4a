#define BOOST_TEST_MODULE what nothing orders on the fake device
#include "test_support.hpp"

using namespace tessera::fake;
using namespace tessera::fake::testing;

namespace {

cudaError_t copy_async(void* to, const void* from, std::size_t bytes, cudaStream_t stream) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream);
}

namespace named {

/// As launch.hpp has it: the name of the body is in the type of what it gives to the fake.
template <class Body>
void enqueue(cudaStream_t stream, const Body& body) {
  tessera::fake::enqueue(stream, [=] { body(); });
}

template <class Real>
struct Fill {
  Real* at;
  void operator()() const { *at = 1; }
};

}  // namespace named
}  // namespace

BOOST_FIXTURE_TEST_CASE(kernels_have_the_name_of_their_body, Fresh) {
  start({.trace = true});
  const Numbers<float> numbers(1);
  named::enqueue(nullptr, named::Fill<float>{numbers.data()});
  cudaDeviceSynchronize();
  BOOST_TEST(touched().at("kernel named::Fill<float>").launches == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_missing_wait_between_copies_is_found_with_every_seed, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    for (const bool with_event : {true, false}) {
      start({.seed = seed});
      const Stream one, two;
      const Event copied;
      const Numbers<int> numbers(8);
      const Pinned<int> there(8), back(8);
      BOOST_TEST(copy_async(numbers.data(), there.data(), there.bytes(), one) == cudaSuccess);
      cudaEventRecord(copied, one);
      if (with_event) cudaStreamWaitEvent(two, copied);
      copy_async(back.data(), numbers.data(), back.bytes(), two);
      cudaDeviceSynchronize();
      if (!with_event) BOOST_TEST(found("nothing orders a copy to the"));
      BOOST_TEST(faults().empty());
      cudaGetLastError();
    }
}

BOOST_FIXTURE_TEST_CASE(copies_of_apart_or_read_bytes_need_no_order, Fresh) {
  const Stream one, two;
  const Numbers<int> numbers(8);
  const Pinned<int> there(8), back(8);
  copy_async(numbers.data(), there.data(), 16, one);
  copy_async(numbers.data() + 4, there.data() + 4, 16, two);
  cudaDeviceSynchronize();
  copy_async(back.data(), numbers.data(), 16, one);
  copy_async(back.data() + 4, numbers.data(), 16, two);
  cudaDeviceSynchronize();
  BOOST_TEST(faults().empty());
}

BOOST_FIXTURE_TEST_CASE(what_the_host_has_waited_for_is_ordered, Fresh) {
  const Stream one, two;
  const Numbers<int> numbers(8);
  const Pinned<int> there(8);
  copy_async(numbers.data(), there.data(), there.bytes(), one);
  cudaStreamSynchronize(one);
  copy_async(numbers.data(), there.data(), there.bytes(), two);
  cudaDeviceSynchronize();
  BOOST_TEST(faults().empty());
}

BOOST_FIXTURE_TEST_CASE(a_plain_copy_is_not_ordered_with_streams_apart, Fresh) {
  const Stream apart(cudaStreamNonBlocking), blocking(cudaStreamDefault);
  const Numbers<int> numbers(1), other(1);
  const int value = 5;
  cudaMemcpy(numbers.data(), &value, sizeof value, cudaMemcpyHostToDevice);
  cudaMemsetAsync(numbers.data(), 0, sizeof value, blocking);
  BOOST_TEST(faults().empty());
  cudaMemcpy(other.data(), &value, sizeof value, cudaMemcpyHostToDevice);
  cudaMemsetAsync(other.data(), 0, sizeof value, apart);
  cudaDeviceSynchronize();
  BOOST_TEST(found("nothing orders a"));
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(a_missing_wait_between_kernels_is_found_with_every_seed, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    for (const bool with_event : {true, false}) {
      start({.seed = seed, .trace = true});
      const Stream producer, consumer;
      const Event produced;
      const Numbers<float> numbers(5000), sum(1);
      enqueue(producer, [at = numbers.data()] { std::fill_n(at, 5000, 1.0F); });
      cudaEventRecord(produced, producer);
      if (with_event) cudaStreamWaitEvent(consumer, produced);
      enqueue(consumer, [from = numbers.data(), to = sum.data()] { *to = from[4000]; });
      cudaDeviceSynchronize();
      if (!with_event) BOOST_TEST(found("nothing orders kernel"));
      BOOST_TEST(faults().empty());
      BOOST_TEST(touched().at("kernel 1").written_bytes == 20000U);
      cudaGetLastError();
    }
}

BOOST_FIXTURE_TEST_CASE(a_trace_knows_reading_from_writing, Fresh) {
  start({.trace = true});
  const Stream one, two;
  const Numbers<float> numbers(1024), first(1), second(1);
  cudaMemset(numbers.data(), 0, numbers.bytes());
  cudaDeviceSynchronize();
  enqueue(one, [from = numbers.data(), to = first.data()] { *to = from[0]; });
  enqueue(two, [from = numbers.data(), to = second.data()] { *to = from[0]; });
  cudaDeviceSynchronize();
  BOOST_TEST(faults().empty());
  for (const char* const name : {"kernel 1", "kernel 2"}) {
    const std::uint64_t read = touched().at(name).read_bytes;
    BOOST_TEST((read == 4096U || read == 4096U + 4U));  // what is written alone may count where no error code tells
    BOOST_TEST(touched().at(name).written_bytes == 4U);
  }
}

// Work that still waits keeps what the host has waited for from being forgotten.
BOOST_FIXTURE_TEST_CASE(the_host_orders_streams_while_others_have_work, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    const Stream one, two, busy;
    const Numbers<int> numbers(8);
    const Pinned<int> there(8);
    for (int i = 0; i < 20; ++i) enqueue(busy, [] {});
    copy_async(numbers.data(), there.data(), there.bytes(), one);
    cudaStreamSynchronize(one);
    copy_async(numbers.data(), there.data(), there.bytes(), two);
    cudaDeviceSynchronize();
    BOOST_TEST(faults().empty());
  }
}

BOOST_FIXTURE_TEST_CASE(a_read_in_order_does_not_hide_one_that_is_not, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    const Stream writer, reader, other;
    const Event written;
    const Numbers<int> numbers(8);
    const Pinned<int> there(8), back(8), again(8);
    copy_async(numbers.data(), there.data(), there.bytes(), writer);
    cudaEventRecord(written, writer);
    cudaStreamWaitEvent(reader, written);
    copy_async(back.data(), numbers.data(), back.bytes(), reader);
    copy_async(again.data(), numbers.data(), again.bytes(), other);
    cudaDeviceSynchronize();
    BOOST_TEST(found("nothing orders a copy to the"));
    cudaGetLastError();
  }
}

// The sums of each stream, side by side in one array.
BOOST_FIXTURE_TEST_CASE(streams_may_write_pieces_of_one_page, Fresh) {
  start({.trace = true});
  const Stream one, two;
  const Numbers<float> sums(2);
  for (const bool apart : {true, false}) {
    enqueue(one, [at = sums.data()] { *at = 3; });
    enqueue(two, [at = sums.data() + (apart ? 1 : 0)] { *at = 4; });
    cudaDeviceSynchronize();
    BOOST_TEST(found("nothing orders kernel") == !apart);
  }
  cudaGetLastError();
}
