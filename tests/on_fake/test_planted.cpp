// ranks: 1
// What the checks of this folder rest on: a fault in the glue between program and CUDA is found. The linker puts the
// functions of this file in place of CUDA's calls (--wrap), and they leave out what they are told to.
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <mutex>

#include "tests/fake_cuda/cuda_runtime_api.h"
#include "tests/on_fake/small_gradient.hpp"

namespace {

/// Which call is left out, counted from 1 and from the last reset; 0: none.
struct Plan {
  int event_wait = 0, copy = 0, free = 0;
  int event_waits = 0, copies = 0, frees = 0;
};
Plan plan;

/// Counts a call, and says whether it is the one to be left out. Lanes call from threads of their own.
bool left_out(int Plan::*calls, int Plan::*which) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  return ++(plan.*calls) == plan.*which;
}

}  // namespace

// The linker's names. NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
cudaError_t __real_cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t __real_cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);
cudaError_t __real_cudaFreeAsync(void* block, cudaStream_t stream);

cudaError_t __wrap_cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  if (left_out(&Plan::event_waits, &Plan::event_wait)) return cudaSuccess;
  return __real_cudaStreamWaitEvent(stream, event, flags);
}

/// Counts only the copies that change something.
cudaError_t __wrap_cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  cudaDeviceSynchronize();
  bool changes = false;
  {
    const tessera::fake::OpenMemory open;
    changes = std::memcmp(to, from, bytes) != 0;
  }
  if (changes && left_out(&Plan::copies, &Plan::copy)) return cudaSuccess;
  return __real_cudaMemcpy(to, from, bytes, kind);
}

cudaError_t __wrap_cudaFreeAsync(void* block, cudaStream_t stream) {
  if (left_out(&Plan::frees, &Plan::free)) return cudaSuccess;
  return __real_cudaFreeAsync(block, stream);
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace tessera::testing {

namespace {

struct Small {
  Comm comm{MPI_COMM_SELF};
  std::vector<std::uint16_t> counts = counts_of(two_lanes(DeviceKind::host), comm);
  Evaluation expected = last_evaluation(DeviceKind::host, 1);

  /// The last of some evaluations of a new problem. One alone computes nothing twice, so that nothing makes up for what
  /// was left out.
  Evaluation last_evaluation(DeviceKind device, int evaluations) const {
    Problem<float> problem = problem_of<float>(two_lanes(device), comm, counts);
    problem.track_expected_loss();
    for (int i = 1; i < evaluations; ++i) problem.evaluate();
    Evaluation found{
        .f = problem.evaluate(), .object = gather_object(problem, problem.object().gradient()), .unknowns = {}};
    for (const Parameter& parameter : problem.parameters())
      found.unknowns.emplace_back(parameter.row->name, parameter.gradient);
    found.unknowns.push_back({"the expected loss", {problem.expected_loss()}});
    return found;
  }
};

/// What a run with something planted ends with.
struct End {
  double gap = 0;
  std::string error;
  std::vector<std::string> faults, leaks;
};

/// Runs on a fresh device with these settings, without the planned call.
End run_with(const Small& small, const fake::Settings& settings, const Plan& planned, int evaluations = 1) {
  fake::start(settings);
  plan = planned;
  End end;
  try {
    end.gap = largest_gap(small.last_evaluation(DeviceKind::cuda, evaluations), small.expected);
  } catch (const std::exception& error) {
    end.error = error.what();
  }
  end.faults = fake::take_faults();
  end.leaks = fake::leaks();
  return end;
}

/// How many the run without a fault has, by `count`; it must be without one.
template <class Count>
int count_in_good_run(const Small& small, const fake::Settings& settings, const Count& count) {
  const End end = run_with(small, settings, {});
  BOOST_TEST_REQUIRE(end.error.empty());
  BOOST_TEST_REQUIRE((end.faults.empty() && end.leaks.empty()));
  BOOST_TEST_REQUIRE(end.gap <= 1e-5);
  const int found = count();
  BOOST_TEST_REQUIRE(found > 0);
  return found;
}

/// Each of the runs 1 .. count must be found wrong.
template <class Found>
void check_all_found(int count, const char* what, const Found& found) {
  for (int k = 1; k <= count; ++k) BOOST_TEST(found(k), what << " " << k << " of " << count << " is not missed");
  plan = {};
  fake::start({});
}

}  // namespace

// In the second evaluation: the first also makes scratch, whose zeroing orders all streams.
BOOST_FIXTURE_TEST_CASE(a_missing_event_wait, Small) {
  const fake::Settings traced{.trace = true};
  const int first = count_in_good_run(*this, traced, [] { return plan.event_waits; });
  check_all_found(first, "event wait", [&](int k) {
    const End end = run_with(*this, traced, {.event_wait = first + k}, 2);
    return !end.faults.empty() && end.faults.front().find("nothing orders") != std::string::npos;
  });
}

BOOST_FIXTURE_TEST_CASE(a_missing_copy, Small) {
  const int count = count_in_good_run(*this, {}, [] { return plan.copies; });
  check_all_found(count, "copy", [&](int k) {
    const End end = run_with(*this, {}, {.copy = k});
    return end.gap > 1e-5 || !end.error.empty();
  });
}

BOOST_FIXTURE_TEST_CASE(a_missing_free, Small) {
  const int count = count_in_good_run(*this, {}, [] { return plan.frees; });
  check_all_found(count, "free", [&](int k) { return run_with(*this, {}, {.free = k}).leaks.size() == 1; });
}

BOOST_FIXTURE_TEST_CASE(an_allocation_that_fails, Small) {
  const int count = count_in_good_run(*this, {}, [] { return static_cast<int>(fake::counters().allocations); });
  check_all_found(count, "allocation", [&](int k) {
    const End end = run_with(*this, {.fail_allocation = static_cast<std::uint64_t>(k)}, {});
    return end.error.find("there was no room for") != std::string::npos && end.faults.empty() && end.leaks.empty();
  });
}

BOOST_FIXTURE_TEST_CASE(a_launch_that_fails, Small) {
  const int count = count_in_good_run(*this, {}, [] { return static_cast<int>(fake::counters().launches); });
  check_all_found(count, "launch", [&](int k) {
    const End end = run_with(*this, {.fail_launch = static_cast<std::uint64_t>(k)}, {});
    return end.error.find("launch of a kernel") != std::string::npos && end.faults.empty() && end.leaks.empty();
  });
}

}  // namespace tessera::testing
