// ranks: 1 2 3
// What kernels took: as many launches as the model has slices, modes and batches, within the time of the sweeps.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/devices.hpp"
#include "tests/support/evaluation.hpp"

namespace tessera::testing {

namespace {

namespace data = boost::unit_test::data;

SmallProblem small_on(DeviceKind device, int lanes) {
  return {.device = device, .batch = device == DeviceKind::cuda ? 5 : 1, .unknowns = {"positions"}, .lanes = lanes};
}

Problem<float> profiled(SmallProblem small, const Comm& comm) {
  small.profile = true;
  return make_problem<float>(small, comm);
}

double seconds_of(const KernelTable& table) {
  double seconds = 0;
  for (const auto& [name, kernel] : table) seconds += kernel.seconds;
  return seconds;
}

Index calls_of(const KernelTable& table, const std::string& name) {
  const auto found = table.find(name);
  return found == table.end() ? 0 : found->second.calls;
}

}  // namespace

BOOST_DATA_TEST_CASE(launches_are_counted, data::make(devices) * data::make({1, 2}), device, lanes) {
  const Comm world(MPI_COMM_WORLD);
  const SmallProblem small = small_on(device, lanes);
  Problem<float> problem = profiled(small, world);
  problem.evaluate();
  const KernelTable kernels = problem.meter()->in_sweeps();
  const auto batches = static_cast<Index>(problem.schedule().size());
  // A GPU takes all modes together.
  const Index turns = batches * (device == DeviceKind::cuda ? 1 : small.modes);
  BOOST_TEST(problem.meter()->sweeps() == 1);
  BOOST_TEST(calls_of(kernels, "Transmit") + calls_of(kernels, "TransmitModes") == small.slices * turns);
  BOOST_TEST(calls_of(kernels, "FFT") == 4 * small.slices * turns);
  const double pixels = static_cast<double>(problem.model().positions() * small.modes * small.window.count());
  const double ffts = 4 * static_cast<double>(small.slices) * pixels * 2 * sizeof(Complex<float>);
  const double saved = device == DeviceKind::cuda ? 0 : 0.5;  // rows outside the band are not transformed
  BOOST_TEST(kernels.at("FFT").moved.read <= ffts);
  BOOST_TEST(kernels.at("FFT").moved.read >= (1 - saved) * ffts);
  for (const auto& [name, kernel] : kernels)
    BOOST_TEST(kernel.moved.read + kernel.moved.written > 0, name << " moves nothing");
}

BOOST_DATA_TEST_CASE(kernels_take_no_longer_than_sweeps, data::make(devices) * data::make({1, 3}), device, lanes) {
  const Comm world(MPI_COMM_WORLD);
  Problem<float> problem = profiled(small_on(device, lanes), world);
  const int sweeps = 3;
  for (int i = 0; i < sweeps; ++i) problem.evaluate();
  const Meter& meter = *problem.meter();
  const double kernels_s = seconds_of(meter.in_sweeps());
  BOOST_TEST(meter.sweeps() == sweeps);
  BOOST_TEST(kernels_s > 0);
  BOOST_TEST(kernels_s <= lanes * meter.sweep_seconds());
  for (const auto& [name, kernel] : meter.in_sweeps()) BOOST_TEST(kernel.seconds >= 0, name);
  BOOST_TEST(calls_of(meter.beside_sweeps(), "Copy") == 2 * sweeps);  // of the refresh and of the add
  BOOST_TEST((world.size() == 1) == (calls_of(meter.beside_sweeps(), "Pack") == 0));
}

BOOST_DATA_TEST_CASE(measuring_changes_no_bit, data::make(devices), device) {
  const Comm world(MPI_COMM_WORLD);
  const SmallProblem small = small_on(device, 2);
  Problem<float> with = profiled(small, world), without = make_problem<float>(small, world);
  const Evaluation measured = evaluated(with), plain = evaluated(without);
  BOOST_TEST(without.meter() == nullptr);
  BOOST_TEST(measured.f == plain.f);
  BOOST_TEST(measured.object == plain.object, boost::test_tools::per_element());
}

}  // namespace tessera::testing
