// ranks: 1
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

constexpr double tolerance = 1e-12;

std::vector<Complex<double>> complex_noise(std::uint64_t seed, Index count) {
  std::vector<Complex<double>> values;
  for (Index i = 0; i < count; ++i) values.push_back(complex_normal<double>(seed, i));
  return values;
}

std::span<const Complex<double>> as_span(const std::vector<Complex<double>>& values) { return values; }

/// A view's elements in host memory.
template <class T>
std::vector<T> download(DeviceKind device, View3<T> view) {
  const DeviceAccess access(device);
  return {view.data, view.data + view.count()};
}

template <class T>
void fill(DeviceKind device, const std::vector<T>& from, View3<T> to) {
  const DeviceAccess access(device);
  std::copy(from.begin(), from.end(), to.data);
}

/// <w, J v> and <J^T w, v> of the forward model, v along the probe and the transmission as asked for.
std::pair<double, double> model_dots(const SmallProblem& small, bool along_probe, bool along_transmission) {
  const Comm alone(MPI_COMM_SELF);
  const ProblemSetup setup = setup_of(small, alone);
  const Box work = setup.tiling.work[0];
  ForwardModel<double> model(setup.shape, setup.propagation, setup.gaps_A, setup.placements, work);
  const Index probe_count = small.modes * small.window.count(), voxels = small.slices * work.count();
  const std::vector<Complex<double>> probe = complex_noise(1, probe_count);
  model.set_probe({probe.data(), small.modes, small.window.ny, small.window.nx});
  fill(small.device, complex_noise(2, voxels), model.transmission());
  std::vector<Complex<double>> d_probe(static_cast<std::size_t>(probe_count)), d_t(static_cast<std::size_t>(voxels));
  if (along_probe) d_probe = complex_noise(3, probe_count);
  if (along_transmission) d_t = complex_noise(4, voxels);
  const Array<Complex<double>> d_tile = make_array(small.device, d_t);
  model.clear_gradients();
  double forward = 0;
  for (Index first = 0; first < model.positions(); first += small.batch) {
    const Index n = std::min(small.batch, model.positions() - first);
    model.intensities(first, n);
    const View3<double> d_intensity =
        model.tangent(first, n, {d_probe.data(), small.modes, small.window.ny, small.window.nx},
                      d_tile.view(small.slices, work.height(), work.width()));
    std::vector<double> weight;
    for (Index i = 0; i < d_intensity.count(); ++i) weight.push_back(normal(5, first * small.window.count() + i));
    forward += dot(weight, download(small.device, d_intensity));
    const Array<double> bar = make_array(small.device, weight);
    model.adjoint(first, n, bar.view(n, small.window.ny, small.window.nx));
  }
  const std::vector<Complex<double>> t_bar = download(small.device, model.transmission_bar());
  return {forward, dot(as_span(model.probe_gradient()), as_span(d_probe)) + dot(as_span(t_bar), as_span(d_t))};
}

}  // namespace

BOOST_DATA_TEST_CASE(forward_model, data::make(devices) * data::make({false, true}), device, filtered) {
  SmallProblem small{.device = device, .batch = device == DeviceKind::host ? 1 : 3};
  if (filtered) small.transmission = TransmissionLimit::patch;
  for (const auto& [probe, transmission] : {std::pair{true, false}, {false, true}, {true, true}}) {
    const auto [forward, backward] = model_dots(small, probe, transmission);
    BOOST_TEST_MESSAGE("probe " << probe << ", transmission " << transmission << ": "
                                << relative_gap(forward, backward));
    BOOST_TEST(relative_gap(forward, backward) <= tolerance);
  }
}

BOOST_DATA_TEST_CASE(object_variables, data::make(devices) * data::make({0, 1, 2}), device, which) {
  const auto representation = static_cast<Representation>(which);
  constexpr Index slices = 2, ny = 5, nx = 7, voxels = slices * ny * nx;
  ObjectVariables<double> object(device, representation, slices, ny, nx);
  std::vector<double> values, direction;
  for (Index i = 0; i < object.reals(); ++i) {
    values.push_back(0.3 * normal(6, i));
    direction.push_back(normal(7, i));
  }
  object.set_values(values);
  Array<Complex<double>> t(device, voxels), d_t(device, voxels);
  const Array<Complex<double>> t_bar = make_array(device, complex_noise(8, voxels));
  object.transmission(t.view(slices, ny, nx));
  object.tangent(t.view(slices, ny, nx), make_array(device, direction), d_t.view(slices, ny, nx));
  object.adjoint(t.view(slices, ny, nx), t_bar.view(slices, ny, nx));
  const double forward = dot(as_span(t_bar.to_vector()), as_span(d_t.to_vector()));
  BOOST_TEST(relative_gap(forward, dot(object.gradient(), direction)) <= tolerance);
}

}  // namespace tessera::testing
