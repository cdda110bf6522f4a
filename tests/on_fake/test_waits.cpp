// ranks: 1
// A sweep gives the device all its work before the host waits, once, for the sums: the number of waits does not depend
// on that of its ranges.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/arrays/gpu.hpp"
#include "tests/on_fake/small_gradient.hpp"

namespace tessera::testing {

namespace {

namespace data = boost::unit_test::data;

/// Times the host waited in one sweep: by the program's count, and by the runtime's.
std::pair<long long, std::uint64_t> waits_of_a_sweep(Problem<float>& problem) {
  begin_sweep(problem);
  const long long before = gpu::waits();
  const std::uint64_t seen_before = fake::synchronisations();
  sweep_once(problem, true);
  return {gpu::waits() - before, fake::synchronisations() - seen_before};
}

}  // namespace

BOOST_DATA_TEST_CASE(a_sweep_waits_at_its_end_alone,
                     data::make({1, 2, 3}) * data::make({1, 2, 4, 8}) * data::make({false, true}), lanes, batch,
                     profile) {
  fake::start({});
  SmallProblem small = two_lanes(DeviceKind::cuda);
  small.lanes = lanes;
  small.batch = batch;
  small.profile = profile;  // whose events are read when all is done
  const Comm alone(MPI_COMM_SELF);
  {
    Problem<float> problem = make_problem<float>(small, alone);
    problem.update();
    waits_of_a_sweep(problem);  // makes plans and scratch
    const auto [counted, seen] = waits_of_a_sweep(problem);
    BOOST_TEST(counted == 1);
    BOOST_TEST(seen == 1U, "the runtime saw " << seen << " waits in " << problem.schedule().size() << " ranges");
  }
  BOOST_TEST(fake::take_faults().empty());
}

}  // namespace tessera::testing
