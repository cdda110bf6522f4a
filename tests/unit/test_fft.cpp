// ranks: 1
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

std::vector<Complex<double>> noise(Index count) {
  std::vector<Complex<double>> values;
  for (Index i = 0; i < count; ++i) values.push_back(complex_normal<double>(3, i));
  return values;
}

/// |a - b| / |b|
double wave_gap(const std::vector<Complex<double>>& a, const std::vector<Complex<double>>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += norm(a[i] - b[i]);
    size += norm(b[i]);
  }
  return std::sqrt(difference / size);
}

struct Shape {
  Index ny, nx, half, waves, batch;
};
std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.ny << " x " << shape.nx << ", band " << shape.half << ", " << shape.waves << " of "
             << shape.batch;
}
const Shape shapes[] = {{12, 16, 4, 1, 1}, {15, 10, 5, 3, 3}, {9, 8, 2, 2, 3}, {10, 12, 5, 1, 1}, {7, 6, 9, 2, 1}};

}  // namespace

BOOST_AUTO_TEST_CASE(rows_of_a_band) {
  const FrequencyBand band{.ny = 9, .half = 2};
  BOOST_TEST(band.rows() == 4);
  BOOST_TEST(band.row(1) == 1);
  BOOST_TEST(band.row(2) == 7);
  BOOST_TEST(band.row(3) == 8);
  BOOST_TEST((FrequencyBand{.ny = 9, .half = 5}).rows() == 9);
  BOOST_TEST((FrequencyBand{.ny = 9, .half = 5}).row(6) == 6);
}

BOOST_DATA_TEST_CASE(transforms_of_a_band_are_the_whole_ones_there, data::make(devices) * data::make(shapes), device,
                     shape) {
  const Index points = shape.ny * shape.nx;
  const FrequencyBand band{.ny = shape.ny, .half = shape.half};
  const FftPlan<double> whole(device, shape.ny, shape.nx, shape.batch);
  const BandFftPlan<double> banded(whole, shape.nx, shape.batch, band);
  const std::vector<Complex<double>> values = noise(shape.waves * points);
  Array<Complex<double>> a = make_array(device, values), b = make_array(device, values);
  whole.forward(a.data(), shape.waves);
  banded.forward(device, b.data(), shape.waves);
  std::vector<Complex<double>> spectrum = a.to_vector(), in_band = b.to_vector();
  std::vector<bool> inside(static_cast<std::size_t>(shape.ny), false);
  for (Index i = 0; i < band.rows(); ++i) inside[static_cast<std::size_t>(band.row(i))] = true;
  double gap = 0, norm_inside = 0;
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    if (!inside[i / static_cast<std::size_t>(shape.nx) % static_cast<std::size_t>(shape.ny)]) {
      spectrum[i] = {};
      continue;
    }
    gap += norm(spectrum[i] - in_band[i]);
    norm_inside += norm(spectrum[i]);
  }
  BOOST_TEST(norm_inside > 0);
  BOOST_TEST(gap <= 1e-26 * norm_inside);
  a.upload(spectrum);
  whole.inverse(a.data(), shape.waves);
  banded.inverse(device, b.data(), shape.waves);
  BOOST_TEST(wave_gap(a.to_vector(), b.to_vector()) <= 1e-13);
}

BOOST_DATA_TEST_CASE(inverse_undoes_forward, data::make(devices) * data::make(shapes), device, shape) {
  const Index points = shape.ny * shape.nx;
  const FftPlan<double> plan(device, shape.ny, shape.nx, shape.batch, FftEffort::once);
  std::vector<Complex<double>> values = noise(shape.waves * points);
  Array<Complex<double>> there_and_back = make_array(device, values);
  plan.forward(there_and_back.data(), shape.waves);
  plan.inverse(there_and_back.data(), shape.waves);
  for (Complex<double>& value : values) value = static_cast<double>(points) * value;
  BOOST_TEST(wave_gap(there_and_back.to_vector(), values) <= 1e-14);
}

}  // namespace tessera::testing
