// ranks: 1 2
// The starting probe's electrons and modes, and when it does not fit.
#include <boost/test/unit_test.hpp>

#include "io/plain_writer.hpp"
#include "src/base/error.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

namespace {

/// 80 keV and 20 mrad in a window of 25.6 x 32 A.
Experiment experiment() {
  Experiment e;
  e.wavelength_A = 0.04175716;
  e.window = {.ny = 128, .nx = 128, .dy_A = 0.2, .dx_A = 0.25};
  return e;
}

RunOptions with_defocus(double C10_A) {
  RunOptions options;
  options.beam.semiangle_rad = 0.02;
  options.beam.aberrations = {{"C10_A", C10_A}};
  return options;
}

double power(const ComplexImage& probe) {
  double sum = 0;
  for (const auto& value : probe) sum += std::norm(value);
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_modes_together_have_the_electrons_of_a_pattern) {
  const Comm world(MPI_COMM_WORLD);
  RunOptions options = with_defocus(100);
  options.beam.modes = 3;
  const ComplexImage probe = initial_probe(world, options, experiment(), 5000);
  BOOST_TEST(probe.size() == 3u * 128 * 128);
  BOOST_TEST(power(probe) == 5000, boost::test_tools::tolerance(1e-12));
}

/// An evenly lit disc of radius C10 alpha has 7.6 % of its area beyond 0.4 of the window from the centre for 610 A, and
/// 16 % for 680 A; numpy's wave 8.3 % and 14 %.
BOOST_AUTO_TEST_CASE(a_probe_with_a_tenth_of_its_power_at_the_rim_does_not_fit) {
  const Comm world(MPI_COMM_WORLD);
  BOOST_CHECK_NO_THROW(initial_probe(world, with_defocus(610), experiment(), 1));
  BOOST_CHECK_EXCEPTION(initial_probe(world, with_defocus(680), experiment(), 1), Error, [](const Error& error) {
    return error.code() == ExitCode::run_file && std::string(error.what()).find("does not fit") != std::string::npos;
  });
}

/// A probe on the detector's pixels goes to the finer ones of the waves; other shapes are refused.
BOOST_AUTO_TEST_CASE(a_probe_on_the_detectors_pixels_is_brought_onto_finer_ones) {
  const Comm world(MPI_COMM_WORLD);
  const TemporaryFolder folder(world);
  Experiment fine = experiment();
  fine.pixels_ny = 96;
  fine.pixels_nx = 90;
  const Grid coarse{.ny = 96, .nx = 90, .dy_A = 0.2 * 128 / 96, .dx_A = 0.25 * 128 / 90};
  const RunOptions computed = with_defocus(100);
  const ComplexImage on_detector = computed_probe(computed.beam, coarse, fine.wavelength_A);
  const std::vector<PlainArray> arrays{
      {"/probe", StoredType::complex128, {96, 90}, {{{0, 0}, {96, 90}, on_detector.data()}}, {}, {}},
      {"/other", StoredType::complex128, {90, 96}, {{{0, 0}, {90, 96}, on_detector.data()}}, {}, {}}};
  if (world.is_root()) PlainWriter(Comm(MPI_COMM_SELF), folder.file("probe.h5"), arrays).commit();
  world.barrier();
  RunOptions given;
  given.beam.initial = DatasetRef{folder.file("probe.h5"), "/probe"};
  const ComplexImage found = initial_probe(world, given, fine, 5000),
                     expected = initial_probe(world, computed, fine, 5000);
  BOOST_REQUIRE(found.size() == expected.size());
  double difference = 0;
  for (std::size_t i = 0; i < found.size(); ++i) difference += std::norm(found[i] - expected[i]);
  BOOST_TEST(difference < 1e-12 * power(expected));
  given.beam.initial->dataset = "/other";
  BOOST_CHECK_EXCEPTION(initial_probe(world, given, fine, 1), Error, [](const Error& error) {
    return std::string(error.what()).find("(96, 90) or (modes, 96, 90), or with detector.simulate (128, 128)") !=
           std::string::npos;
  });
}

}  // namespace tessera::testing
