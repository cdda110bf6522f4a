// ranks: 1
// Modes of a partially coherent beam against the mixture that they stand for, and their orthogonal form.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/model/probe_modes.hpp"

using namespace tessera;

namespace {

const Grid window{.ny = 48, .nx = 40, .dy_A = 0.4, .dx_A = 0.5};
constexpr double wavelength_A = 0.0417, semiangle_rad = 0.02;

ComplexImage focused(double defocus_A) {
  return make_probe(window, wavelength_A, semiangle_rad, aberrations_from({{"C10_A", 60 + defocus_A}}));
}

/// Intensity [y, x], summed over modes.
std::vector<double> intensity(const ComplexImage& waves) {
  std::vector<double> sum(static_cast<std::size_t>(window.count()), 0.0);
  for (std::size_t i = 0; i < waves.size(); ++i) sum[i % sum.size()] += std::norm(waves[i]);
  return sum;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0, top = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
    top = std::max(top, std::abs(b[i]));
  }
  return largest / top;
}

/// The intensity of the wave blurred by the source, by a plain sum over all shifts on the periodic window.
std::vector<double> blurred(const std::vector<double>& sharp, double sigma_A) {
  std::vector<double> sum(sharp.size(), 0.0);
  double total = 0;
  for (Index sy = -window.ny / 2; sy < window.ny / 2; ++sy)
    for (Index sx = -window.nx / 2; sx < window.nx / 2; ++sx) {
      const double y_A = static_cast<double>(sy) * window.dy_A, x_A = static_cast<double>(sx) * window.dx_A;
      const double weight = std::exp(-(y_A * y_A + x_A * x_A) / (2 * sigma_A * sigma_A));
      total += weight;
      for (Index y = 0; y < window.ny; ++y)
        for (Index x = 0; x < window.nx; ++x)
          sum[y * window.nx + x] +=
              weight * sharp[(y - sy + window.ny) % window.ny * window.nx + (x - sx + window.nx) % window.nx];
    }
  for (double& value : sum) value /= total;
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(modes_of_an_extended_source_add_up_to_the_blurred_intensity) {
  const ComplexImage wave = focused(0);
  const CoherentModes modes =
      coherent_modes(wave, window, wavelength_A, {.source_size_A = 0.7, .focal_spread_A = 0}, 45);
  BOOST_TEST(modes.share > 0.9999);
  BOOST_TEST(largest_difference(intensity(modes.waves), blurred(intensity(wave), 0.7)) < 1e-3);
  // A difference that the test must see: the wave itself.
  BOOST_TEST(largest_difference(intensity(wave), blurred(intensity(wave), 0.7)) > 0.05);
}

BOOST_AUTO_TEST_CASE(modes_of_a_focal_spread_add_up_to_the_mean_over_defoci) {
  std::vector<double> mean(static_cast<std::size_t>(window.count()), 0.0);
  double total = 0;
  for (double u = -4; u <= 4; u += 0.1) {
    const double weight = std::exp(-u * u / 2);
    const std::vector<double> one = intensity(focused(40 * u));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += weight * one[i];
    total += weight;
  }
  for (double& value : mean) value /= total;
  const CoherentModes modes =
      coherent_modes(focused(0), window, wavelength_A, {.source_size_A = 0, .focal_spread_A = 40}, 8);
  BOOST_TEST(modes.share > 0.9999);
  BOOST_TEST(largest_difference(intensity(modes.waves), mean) < 1e-3);
  BOOST_TEST(largest_difference(intensity(focused(0)), mean) > 0.05);
}

/// Few modes hold less than all, the strongest first, and have the power of the wave.
BOOST_AUTO_TEST_CASE(modes_are_orthogonal_and_in_order) {
  const CoherentModes modes =
      coherent_modes(focused(0), window, wavelength_A, {.source_size_A = 0.7, .focal_spread_A = 30}, 3);
  BOOST_TEST(modes.share < 0.95);
  BOOST_TEST(modes.share > 0.3);
  BOOST_TEST(power(modes.waves) == power(focused(0)), boost::test_tools::tolerance(1e-9));
  const Index n = window.count();
  for (Index a = 0; a < 3; ++a)
    for (Index b = 0; b < a; ++b) {
      std::complex<double> overlap = 0;
      double power_a = 0, power_b = 0;
      for (Index i = 0; i < n; ++i) {
        overlap += std::conj(modes.waves[a * n + i]) * modes.waves[b * n + i];
        power_a += std::norm(modes.waves[a * n + i]);
        power_b += std::norm(modes.waves[b * n + i]);
      }
      BOOST_TEST(std::abs(overlap) < 1e-9);
      BOOST_TEST(power_b > power_a);
    }
}

BOOST_AUTO_TEST_CASE(orthogonal_modes_are_the_same_mixture) {
  ComplexImage mixed = focused(0);
  const ComplexImage other = focused(50);
  for (const auto& value : other) mixed.push_back(0.6 * value);
  const ComplexImage modes = orthogonal_modes(mixed, window);
  BOOST_TEST(largest_difference(intensity(modes), intensity(mixed)) < 1e-12);
  const Index n = window.count();
  std::complex<double> overlap = 0;
  for (Index i = 0; i < n; ++i) overlap += std::conj(modes[i]) * modes[n + i];
  BOOST_TEST(std::abs(overlap) < 1e-12);
  BOOST_TEST(power({modes.begin(), modes.begin() + n}) > power({modes.begin() + n, modes.end()}));
}
