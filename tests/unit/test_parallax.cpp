// ranks: 1
// The phase that a bright-field image shows, against images of a probe that the model makes: which sign, and how
// strong.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "src/base/constants.hpp"
#include "src/model/probe.hpp"
#include "src/workflow/calibrate/parallax.hpp"

using namespace tessera;

namespace {

constexpr Index n = 48;
constexpr double pixel_A = 0.5, wavelength_A = 0.037, semiangle_rad = 0.02;

double weak_phase(Index y, Index x) {
  double phase = 0;
  for (const auto& [cy, cx] : {std::pair{20.0, 18.0}, {27.0, 30.0}, {30.0, 21.0}}) {
    const double r2 = std::pow(static_cast<double>(y) - cy, 2) + std::pow(static_cast<double>(x) - cx, 2);
    phase += 0.1 * std::exp(-r2 / (2 * 2.0 * 2.0));
  }
  return phase;
}

/// Electrons in the detector's cell at q [1/A] for each place of the probe: |sum_r P(r - p) exp(-2 pi i q (r - p))
/// t(r)|^2.
std::vector<double> image_of_cell(const ComplexImage& probe, double qy, double qx) {
  std::vector<std::complex<double>> tilted(probe.size()), t(probe.size());
  for (Index y = 0; y < n; ++y)
    for (Index x = 0; x < n; ++x) {
      constexpr Index centre = n / 2;
      const auto fy = static_cast<double>(y - centre), fx = static_cast<double>(x - centre);
      tilted[y * n + x] = probe[y * n + x] * std::polar(1.0, -2 * pi * pixel_A * (qy * fy + qx * fx));
      t[y * n + x] = std::polar(1.0, weak_phase(y, x));
    }
  std::vector<double> image;
  for (Index py = 0; py < n; ++py)
    for (Index px = 0; px < n; ++px) {
      std::complex<double> sum = 0;
      for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x)
          sum += tilted[(y - py + n + n / 2) % n * n + (x - px + n + n / 2) % n] * t[y * n + x];
      image.push_back(std::norm(sum));
    }
  return image;
}

/// The images of cells all over the disc, each displaced back by C10 lambda q, which is a whole number of pixels, over
/// their mean, less 1.
std::vector<double> displaced_image(double C10_A) {
  const Grid window{.ny = n, .nx = n, .dy_A = pixel_A, .dx_A = pixel_A};
  const ComplexImage probe = make_probe(window, wavelength_A, semiangle_rad, aberrations_from({{"C10_A", C10_A}}));
  const double step_invA = pixel_A / (std::abs(C10_A) * wavelength_A);  // displaces by a pixel
  const Index sign = C10_A > 0 ? 1 : -1;
  std::vector<double> sum(probe.size(), 0.0);
  for (const Index my : {-8, -4, 0, 4, 8})
    for (const Index mx : {-8, -4, 0, 4, 8}) {
      const double qy = static_cast<double>(my) * step_invA, qx = static_cast<double>(mx) * step_invA;
      if (std::hypot(qy, qx) > 0.95 * semiangle_rad / wavelength_A) continue;
      const std::vector<double> image = image_of_cell(probe, qy, qx);
      for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) sum[y * n + x] += image[(y - sign * my + n) % n * n + (x - sign * mx + n) % n];
    }
  const double mean = std::accumulate(sum.begin(), sum.end(), 0.0) / static_cast<double>(sum.size());
  for (double& value : sum) value = value / mean - 1;
  return sum;
}

struct Agreement {
  double correlation = 0, slope = 0;
};

Agreement agreement(const std::vector<double>& found) {
  double mean_f = 0, mean_t = 0;
  for (Index i = 0; i < n * n; ++i) {
    mean_f += found[i] / (n * n);
    mean_t += weak_phase(i / n, i % n) / (n * n);
  }
  double ff = 0, tt = 0, ft = 0;
  for (Index i = 0; i < n * n; ++i) {
    const double f = found[i] - mean_f, t = weak_phase(i / n, i % n) - mean_t;
    ff += f * f;
    tt += t * t;
    ft += f * t;
  }
  return {ft / std::sqrt(ff * tt), ft / tt};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_phase_comes_back_with_its_sign_and_strength) {
  const Matrix2 step{pixel_A, 0, 0, pixel_A};
  for (const double C10_A : {260.0, -260.0}) {
    const ParallaxOptics optics{wavelength_A, semiangle_rad, {C10_A, 0, 0, C10_A}};
    const Agreement found = agreement(parallax_phase(displaced_image(C10_A), n, n, step, optics));
    BOOST_TEST_CONTEXT("C10 " << C10_A << ": correlation " << found.correlation << ", slope " << found.slope) {
      BOOST_TEST(found.correlation > 0.8);
      BOOST_TEST(found.slope > 0.5);
      BOOST_TEST(found.slope < 1.1);
    }
  }
}

BOOST_AUTO_TEST_CASE(in_focus_nothing_is_made_of_noise) {
  std::vector<double> image(static_cast<std::size_t>(n * n), 0.0);
  for (Index i = 0; i < n * n; ++i) image[i] = i % 7 == 0 ? 0.1 : -0.1 / 6;
  const ParallaxOptics focus{wavelength_A, semiangle_rad, {0, 0, 0, 0}};
  for (const double value : parallax_phase(image, n, n, {pixel_A, 0, 0, pixel_A}, focus)) BOOST_TEST(value == 0.0);
}
