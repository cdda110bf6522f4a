#define BOOST_TEST_MODULE order of work on the fake device
#include <atomic>
#include <set>
#include <thread>

#include "test_support.hpp"

using namespace tessera::fake;
using namespace tessera::fake::testing;

namespace {

constexpr std::uint64_t seeds = 1000;

/// The letters of work on streams, in the order in which it ran.
struct Trace {
  std::string letters;
  void add(cudaStream_t stream, char letter) {
    enqueue(stream, [this, letter] { letters += letter; });
  }
  bool ordered(char first, char second) const { return letters.find(first) < letters.find(second); }
};

/// All orders that a program of streams shows over many seeds.
std::set<std::string> orders(const std::function<void(Trace&)>& program) {
  std::set<std::string> all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    start({.seed = seed});
    Trace trace;
    program(trace);
    BOOST_REQUIRE_EQUAL(cudaDeviceSynchronize(), cudaSuccess);
    all.insert(trace.letters);
  }
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(work_of_a_stream_is_in_order, Fresh) {
  const auto program = [](Trace& trace) {
    const Stream stream;
    for (char letter = 'a'; letter < 'h'; ++letter) trace.add(stream, letter);
  };
  BOOST_TEST(orders(program) == std::set<std::string>{"abcdefg"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(streams_run_in_every_order, Fresh) {
  const auto program = [](Trace& trace) {
    const Stream one, two;
    trace.add(one, 'a');
    trace.add(one, 'b');
    trace.add(two, 'c');
    trace.add(two, 'd');
  };
  const std::set<std::string> all{"abcd", "acbd", "acdb", "cabd", "cadb", "cdab"};
  BOOST_TEST(orders(program) == all, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(one_seed_is_one_order, Fresh) {
  const auto order_of = [](std::uint64_t seed) {
    start({.seed = seed});
    Trace trace;
    const Stream one, two, three;
    for (char letter = 'a'; letter < 'z'; letter = static_cast<char>(letter + 3)) {
      trace.add(one, letter);
      trace.add(two, static_cast<char>(letter + 1));
      trace.add(three, static_cast<char>(letter + 2));
    }
    cudaDeviceSynchronize();
    return trace.letters;
  };
  const std::string first = order_of(7);
  BOOST_TEST(order_of(7) == first);
  std::set<std::string> others;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) others.insert(order_of(seed));
  BOOST_TEST(others.size() > 50U);
}

BOOST_FIXTURE_TEST_CASE(events_order_streams, Fresh) {
  const auto program = [](Trace& trace) {
    const Stream one, two;
    const Event event;
    trace.add(one, 'a');
    cudaEventRecord(event, one);
    trace.add(one, 'b');
    trace.add(two, 'c');
    cudaStreamWaitEvent(two, event);
    trace.add(two, 'd');
  };
  const std::set<std::string> all{"abcd", "acbd", "acdb", "cabd", "cadb"};  // never d before a
  BOOST_TEST(orders(program) == all, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_event_is_waited_for_as_it_was_recorded_last, Fresh) {
  const auto program = [](Trace& trace) {
    const Stream one, two;
    const Event event;
    cudaStreamWaitEvent(two, event);  // never recorded: nothing to wait for
    cudaEventRecord(event, one);
    trace.add(one, 'a');
    cudaEventRecord(event, one);
    cudaStreamWaitEvent(two, event);
    cudaEventRecord(event, two);  // later, and so no matter
    trace.add(two, 'b');
  };
  BOOST_TEST(orders(program) == std::set<std::string>{"ab"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_default_stream_is_ordered_with_blocking_streams_alone, Fresh) {
  const auto program = [](Trace& trace) {
    const Stream blocking(cudaStreamDefault), other(cudaStreamDefault), apart(cudaStreamNonBlocking);
    trace.add(blocking, 'a');
    trace.add(other, 'b');
    trace.add(nullptr, 'c');
    trace.add(blocking, 'd');
    trace.add(other, 'e');
    trace.add(apart, 'x');
  };
  std::set<char> before_c;
  for (const std::string& order : orders(program)) {
    const Trace trace{order};
    for (const char earlier : {'a', 'b'}) BOOST_TEST(trace.ordered(earlier, 'c'), order);
    for (const char later : {'d', 'e'}) BOOST_TEST(trace.ordered('c', later), order);
    before_c.insert(trace.ordered('x', 'c') ? 'x' : 'c');
  }
  BOOST_TEST(before_c.size() == 2U);  // x runs before it with some seeds and after it with others
}

BOOST_FIXTURE_TEST_CASE(a_wait_for_the_default_stream_waits_for_blocking_streams, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    Trace trace;
    const Stream blocking(cudaStreamDefault);
    trace.add(blocking, 'a');
    cudaStreamSynchronize(nullptr);
    BOOST_TEST(trace.letters == "a");
  }
}

BOOST_FIXTURE_TEST_CASE(memset_is_asynchronous_and_copies_to_the_host_are_not, Fresh) {
  bool pending = false;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    const Numbers<int> numbers(4);
    const Event event;
    cudaMemset(numbers.data(), 0, numbers.bytes());
    cudaEventRecord(event, nullptr);
    pending = pending || cudaEventQuery(event) == cudaErrorNotReady;
    static_cast<void>(cudaGetLastError());
    BOOST_TEST(synchronisations() == 0U);
    BOOST_TEST(value_of(numbers) == 0);
    BOOST_TEST(synchronisations() == 1U);
  }
  BOOST_TEST(pending);
}

BOOST_FIXTURE_TEST_CASE(a_copy_from_pageable_memory_waits_for_what_is_before_it, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    const Stream blocking(cudaStreamDefault);
    const Numbers<int> numbers(1);
    bool ran = false;
    enqueue(blocking, [&] { ran = true; });
    int value = 7;
    cudaMemcpy(numbers.data(), &value, sizeof value, cudaMemcpyHostToDevice);
    BOOST_TEST(ran);
    BOOST_TEST(synchronisations() == 1U);
    value = 8;  // the copy has what was there
    BOOST_TEST(value_of(numbers) == 7);
  }
}

BOOST_FIXTURE_TEST_CASE(polling_ends, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    Trace trace;
    const Stream one, two;
    const Event event;
    for (int i = 0; i < 20; ++i) trace.add(one, 'a');
    trace.add(two, 'b');
    cudaEventRecord(event, two);
    while (cudaEventQuery(event) == cudaErrorNotReady) continue;
    BOOST_TEST(trace.letters.find('b') != std::string::npos);
    while (cudaStreamQuery(one) == cudaErrorNotReady) continue;
    BOOST_TEST(trace.letters.size() == 21U);
    BOOST_TEST(synchronisations() == 0U);
    cudaGetLastError();
  }
}

BOOST_FIXTURE_TEST_CASE(a_destroyed_stream_still_does_its_work, Fresh) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    start({.seed = seed});
    Trace trace;
    { trace.add(Stream(), 'a'); }
    cudaDeviceSynchronize();
    BOOST_TEST(trace.letters == "a");
  }
}

BOOST_FIXTURE_TEST_CASE(host_functions_run_in_order_and_may_not_call_cuda, Fresh) {
  std::string letters;
  const Stream stream;
  enqueue(stream, [&] { letters += 'a'; });
  const cudaHostFn_t function = [](void* data) { *static_cast<std::string*>(data) += 'b'; };
  cudaLaunchHostFunc(stream, function, &letters);
  enqueue(stream, [&] { letters += 'c'; });
  cudaStreamSynchronize(stream);
  BOOST_TEST(letters == "abc");

  const cudaHostFn_t calling = [](void*) { BOOST_TEST(cudaDeviceSynchronize() == cudaErrorNotPermitted); };
  cudaLaunchHostFunc(stream, calling, nullptr);
  BOOST_TEST(cudaStreamSynchronize(stream) == cudaErrorUnknown);
  BOOST_TEST(found("cudaDeviceSynchronize is called from within a host function"));
  cudaGetLastError();
}

BOOST_FIXTURE_TEST_CASE(two_threads_have_a_stream_each, Fresh) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    start({.seed = seed});
    std::atomic<int> wrong = 0;
    const auto lane = [&](int own) {
      const Stream stream;
      const Numbers<int> numbers(1);
      const Pinned<int> back(1);
      for (int round = 0; round < 20; ++round) {
        const int value = 100 * own + round;
        enqueue(stream, [at = numbers.data(), value] { *at = value; });
        enqueue(stream, [at = numbers.data()] { *at += 1; });
        cudaMemcpyAsync(back.data(), numbers.data(), sizeof(int), cudaMemcpyDeviceToHost, stream);
        const cudaHostFn_t nothing = [](void*) { std::this_thread::yield(); };
        cudaLaunchHostFunc(stream, nothing, nullptr);
        if (cudaStreamSynchronize(stream) != cudaSuccess || *back.data() != value + 1) ++wrong;
      }
    };
    std::thread one(lane, 1), two(lane, 2);
    one.join();
    two.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(leaks().empty());
  }
}
