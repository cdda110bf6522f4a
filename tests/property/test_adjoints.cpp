// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/model/object_variables.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/dot_test.hpp"
#include "tests/support/noise.hpp"

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

}  // namespace

BOOST_DATA_TEST_CASE(object_variables, data::make(devices) * data::make({0, 1, 2, 3, 4}), device, which) {
  const auto representation = static_cast<Representation>(which);
  constexpr Index slices = 2, ny = 5, nx = 7, voxels = slices * ny * nx;
  ObjectVariables<double> object(device, representation, slices, ny, nx,
                                 {.absorption_ratio = 0.3, .interaction_rad_per_VA = 0.6});
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
