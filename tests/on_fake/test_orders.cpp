// ranks: 1
// A gradient on two streams gives the host's result in whatever order their work runs, races nothing, and leaves
// nothing behind.
#include <boost/test/unit_test.hpp>

#include "tests/on_fake/small_gradient.hpp"

namespace tessera::testing {

namespace {

/// Makes the problem, evaluates and drops it on a fresh device in the orders of seeds 1 .. seeds.
void check_orders(std::uint64_t seeds, bool trace) {
  const Comm alone(MPI_COMM_SELF);
  const std::vector<std::uint16_t> counts = counts_of(two_lanes(DeviceKind::host), alone);
  const Evaluation expected = small_gradient(alone, counts, DeviceKind::host);
  double largest = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    fake::start({.seed = seed, .trace = trace});
    const double gap = largest_gap(small_gradient(alone, counts, DeviceKind::cuda), expected);
    if (gap > 1e-5) BOOST_ERROR("seed " << seed << ": the host's result is missed by " << gap);
    for (const std::string& fault : fake::take_faults()) BOOST_ERROR("seed " << seed << ": " << fault);
    for (const std::string& leak : fake::leaks()) BOOST_ERROR("seed " << seed << ": a leak: " << leak);
    largest = std::max(largest, gap);
  }
  BOOST_TEST(largest <= 1e-5);
  BOOST_TEST_MESSAGE(seeds << " orders, at most " << largest << " from the host");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_thousand_orders) { check_orders(1000, false); }

BOOST_AUTO_TEST_CASE(orders_with_a_trace_of_what_kernels_touch) { check_orders(100, true); }

}  // namespace tessera::testing
