// ranks: 1
// Metrics of two noisy images against numpy.
#include <boost/test/unit_test.hpp>

#include "src/analysis/compare_metrics.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace {

constexpr ObjectFrame frame{{0, 0}, 40, 56, 0.2, 0.25};

std::vector<double> uniform_image(std::uint64_t seed) {
  std::vector<double> values;
  for (Index i = 0; i < frame.ny * frame.nx; ++i) values.push_back(uniform(seed, i) - 0.5);
  return values;
}

/// (1, 2, 1)/4 along one axis of the periodic image.
std::vector<double> smoothed(const std::vector<double>& image, Index step_y, Index step_x) {
  std::vector<double> out;
  const auto at = [&](Index y, Index x) {
    return image[(y + frame.ny) % frame.ny * frame.nx + (x + frame.nx) % frame.nx];
  };
  for (Index y = 0; y < frame.ny; ++y)
    for (Index x = 0; x < frame.nx; ++x)
      out.push_back((at(y - step_y, x - step_x) + 2 * at(y, x) + at(y + step_y, x + step_x)) / 4);
  return out;
}

/// A common signal, weaker at high frequencies, and noise of its own.
Image noisy(std::uint64_t seed) {
  std::vector<double> values = uniform_image(1);
  for (int i = 0; i < 2; ++i) values = smoothed(smoothed(values, 1, 0), 0, 1);
  const std::vector<double> noise = uniform_image(seed);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.12 * noise[i];
  return {frame, values};
}

}  // namespace

/// numpy: w(n) = 0.5 (1 - cos(pi min(1, (min(i, n-1-i) + 0.5)/(0.15 n)))); A, B = fft2((a - mean) w_y w_x); rings
/// floor(k/step + 0.5) of step max(1/(ny dy), 1/(nx dx)) up to 1.8/A; FRC = Re sum(A conj B)/sqrt(sum |A|^2 sum |B|^2);
/// where it falls below (0.2071 + 1.9102/sqrt n)/(1.2071 + 0.9102/sqrt n), a straight line between the two rings.
BOOST_AUTO_TEST_CASE(ring_correlation_falls_below_half_a_bit_where_numpy_says) {
  BOOST_TEST(noisy(2).values[3 * 56 + 5] == -0.029557525038366367, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(frc_half_bit_A(noisy(2), noisy(3), 1.8) == 0.678340211574, boost::test_tools::tolerance(1e-9));
}

/// Rings 1/A apart: above at 1, below at 2, two above at 3 and 4, one alone at 6.
BOOST_AUTO_TEST_CASE(the_finest_ring_has_one_above_before_it) {
  std::vector<RingCorrelation> rings;
  for (const double correlation : {1.0, 0.5, 0.1, 0.4, 0.3, 0.2, 0.9})
    rings.push_back({static_cast<double>(rings.size()), correlation, 0.25});
  BOOST_TEST(half_bit_A(rings, 6) == 1 / (1 + 0.25 / 0.4), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(finest_half_bit_A(rings).value() == 0.25);
  rings[3].correlation = rings[1].correlation = 0;
  BOOST_TEST(!finest_half_bit_A(rings).has_value());
}

/// numpy: corrcoef, and norm(a - b)/norm(b - mean(b)) of a + 0.1 and b + 0.3.
BOOST_AUTO_TEST_CASE(correlation_and_error_are_those_of_numpy) {
  Image a = noisy(2), b = noisy(3);
  for (double& value : a.values) value += 0.1;
  for (double& value : b.values) value += 0.3;
  BOOST_TEST(correlation(a, b) == 0.832172340729, boost::test_tools::tolerance(1e-10));
  BOOST_TEST(normalised_error(a, b) == 2.44841764201, boost::test_tools::tolerance(1e-10));
}

}  // namespace tessera::testing
