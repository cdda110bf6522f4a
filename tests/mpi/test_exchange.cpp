// ranks: 1 2 3 4 7
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/noise.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

constexpr Index planes = 2;

OverlapPlan plan_of(const SmallProblem& small, const Comm& comm) {
  const ProblemSetup setup = setup_of(small, comm);
  return make_overlap_plan(comm.rank(), setup.tiling.owned, setup.tiling.work);
}

std::vector<double> noise(std::uint64_t seed, const Comm& comm, Index count) {
  std::vector<double> values;
  for (Index i = 0; i < count; ++i) values.push_back(normal(seed + static_cast<std::uint64_t>(comm.rank()), i));
  return values;
}

}  // namespace

/// Also where one overlap crosses in many messages, as one of 2 GiB does.
BOOST_DATA_TEST_CASE(the_add_is_the_adjoint_of_the_refresh,
                     data::make(devices) * data::make({0, 1, 2}) * data::make({1 << 30, 100}), device, scan,
                     largest_bytes) {
  const Comm world(MPI_COMM_WORLD, largest_bytes);
  const SmallProblem scans[] = {{}, {.step_A = 0.3}, {.rows = 12, .columns = 10, .l_shaped = true}};
  const OverlapPlan plan = plan_of(scans[scan], world);
  OverlapExchange<double> exchange(world, device, plan, planes);
  const std::vector<double> x = noise(10, world, planes * plan.owned.count());
  const std::vector<double> y = noise(30, world, planes * plan.work.count());
  const Array<double> owned = make_array(device, x), on_work = make_array(device, y);
  Array<double> refreshed(device, on_work.count());
  Array<double> summed = make_array(device, std::vector<double>(x.size(), 1e9));  // an add overwrites what was there
  exchange.refresh(owned.view(planes, plan.owned.height(), plan.owned.width()),
                   refreshed.view(planes, plan.work.height(), plan.work.width()));
  const View3<const double> work_view = on_work.view(planes, plan.work.height(), plan.work.width());
  exchange.begin_add();
  for (std::size_t i = 0; i < plan.foreign.size(); ++i) exchange.send_overlap(i, work_view);
  exchange.finish_add(work_view, summed.view(planes, plan.owned.height(), plan.owned.width()));
  const double forward = world.sum(dot(refreshed.to_vector(), y)), backward = world.sum(dot(x, summed.to_vector()));
  BOOST_TEST(relative_gap(forward, backward) <= 1e-12);
  BOOST_TEST(exchange.traffic().bytes_sent == exchange.planned_bytes());
}

BOOST_DATA_TEST_CASE(a_refresh_brings_the_owners_values, data::make(devices) * data::make({1 << 30, 100}), device,
                     largest_bytes) {
  const Comm world(MPI_COMM_WORLD, largest_bytes);
  const OverlapPlan plan = plan_of({.step_A = 0.3}, world);
  OverlapExchange<double> exchange(world, device, plan, 1);
  const auto name_pixels = [](const Box& box) {
    std::vector<double> names;
    for (Index y = box.y0; y < box.y1; ++y)
      for (Index x = box.x0; x < box.x1; ++x) names.push_back(static_cast<double>(1000 * y + x));
    return names;
  };
  const Array<double> owned = make_array(device, name_pixels(plan.owned));
  Array<double> on_work(device, plan.work.count());
  exchange.refresh(owned.view(1, plan.owned.height(), plan.owned.width()),
                   on_work.view(1, plan.work.height(), plan.work.width()));
  BOOST_TEST(on_work.to_vector() == name_pixels(plan.work), boost::test_tools::per_element());
}

/// A halo is what other ranks hold of mine and I of theirs.
BOOST_DATA_TEST_CASE(staging_is_one_halo, data::make(devices), device) {
  const Comm world(MPI_COMM_WORLD);
  const OverlapPlan plan = plan_of({}, world);
  Index pixels = 0;
  for (const auto* side : {&plan.foreign, &plan.shared})
    for (const Overlap& overlap : *side) pixels += overlap.box.count();
  const OverlapExchange<Complex<float>> exchange(world, device, plan, planes);
  BOOST_TEST(exchange.bytes() == static_cast<std::size_t>(planes * pixels) * sizeof(Complex<float>));
  BOOST_TEST((world.size() == 1 || pixels > 0));
}

}  // namespace tessera::testing
