// ranks: 1
// The probe's wave against numpy and against geometrical optics, and its further modes.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/model/probe.hpp"

namespace tessera::testing {

namespace {

constexpr double wavelength_A = 0.04175716;  // 80 keV

double from_centre(Index i, Index n) {
  const Index centre = n / 2;
  return static_cast<double>(i - centre);
}

/// Centre of mass of |wave|^2 from the centre pixel [A], (y, x).
std::pair<double, double> centroid_A(const ComplexImage& wave, const Grid& window) {
  double sum = 0, y_A = 0, x_A = 0;
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const double weight = std::norm(wave[y * window.nx + x]);
      sum += weight;
      y_A += weight * from_centre(y, window.ny) * window.dy_A;
      x_A += weight * from_centre(x, window.nx) * window.dx_A;
    }
  return {y_A / sum, x_A / sum};
}

std::vector<std::complex<double>> mode_of(const ComplexImage& all, Index mode, Index count) {
  return {all.begin() + mode * count, all.begin() + (mode + 1) * count};
}

std::complex<double> overlap(const ComplexImage& a, const ComplexImage& b) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::conj(a[i]) * b[i];
  return sum;
}

}  // namespace

/// numpy 1.24, with K, PHI from fftfreq and arctan2(ky, kx) on these pixels, al = lambda K:
///   edge = 1/hypot(cos(PHI) Nx dx, sin(PHI) Ny dy); A = clip((0.02/lambda - K)/edge + 0.5, 0, 1)
///   chi = 2 pi/lambda (al^2/2 (80 + 60 cos(2 (PHI - 0.4))) + al^3/3 (3000 cos(PHI - 2) + 2500 cos(3 (PHI + 0.6)))
///                      + al^4/4 2e5)
///   p = fftshift(ifft2(A exp(-1j chi))); p /= norm(p)
BOOST_AUTO_TEST_CASE(a_wave_with_many_aberrations_is_that_of_numpy) {
  static constexpr Grid window{.ny = 20, .nx = 24, .dy_A = 0.5, .dx_A = 0.4};
  const ComplexImage probe = make_probe(window, wavelength_A, 0.02,
                                        {{.n = 1, .m = 0, .magnitude_A = 80, .azimuth_rad = 0},
                                         {.n = 1, .m = 2, .magnitude_A = 60, .azimuth_rad = 0.4},
                                         {.n = 2, .m = 1, .magnitude_A = 3000, .azimuth_rad = 2.0},
                                         {.n = 2, .m = 3, .magnitude_A = 2500, .azimuth_rad = -0.6},
                                         {.n = 3, .m = 0, .magnitude_A = 2e5, .azimuth_rad = 0}});
  struct Known {
    Index y, x;
    std::complex<double> wave;
  };
  for (const Known& known : {Known{10, 12, {0.075188780, -0.144819320}}, Known{8, 12, {0.024680556, 0.010803421}},
                             Known{10, 15, {0.122847638, -0.002932966}}, Known{13, 9, {-0.021681308, 0.045321225}},
                             Known{6, 14, {0.005920583, -0.016563758}}})
    BOOST_TEST(std::abs(probe[known.y * window.nx + known.x] - known.wave) < 2e-9,
               "pixel " << known.y << ", " << known.x << ": " << probe[known.y * window.nx + known.x]);
}

/// A ray through the aperture at angle (ay, ax) lands at the gradient of the path length there; the mean of
/// grad(C21 alpha^3/3 cos(phi - phi21)) over a disc of radius alpha is C21 alpha^2/3 towards phi21.
BOOST_AUTO_TEST_CASE(coma_moves_the_probe_along_its_azimuth) {
  static constexpr Grid window{.ny = 96, .nx = 128, .dy_A = 0.4, .dx_A = 0.3};
  constexpr double alpha = 0.02, C21_A = 6000, azimuth = 0.5;
  const auto [y_A, x_A] = centroid_A(
      make_probe(window, wavelength_A, alpha, {{.n = 2, .m = 1, .magnitude_A = C21_A, .azimuth_rad = azimuth}}),
      window);
  const double moved_A = C21_A * alpha * alpha / 3;
  BOOST_TEST(y_A == moved_A * std::sin(azimuth), boost::test_tools::tolerance(0.03));
  BOOST_TEST(x_A == moved_A * std::cos(azimuth), boost::test_tools::tolerance(0.03));
}

/// The modes after a Gaussian exp(-(y^2/sy^2 + x^2/sx^2)/2), in the order of rising degree: H0(y) H1(x), H1(y) H0(x),
/// H0 H2, H1 H1, H2 H0, which are orthogonal as they are: of |psi|^2 the width is s/sqrt 2, and H_n(y/s) is meant.
BOOST_AUTO_TEST_CASE(further_modes_of_a_gaussian_are_hermite_functions) {
  static constexpr Grid window{.ny = 64, .nx = 80, .dy_A = 0.2, .dx_A = 0.2};
  static constexpr double sy = 5, sx = 7;
  const auto gauss = [&](auto factor) {
    ComplexImage wave;
    for (Index y = 0; y < window.ny; ++y)
      for (Index x = 0; x < window.nx; ++x) {
        const double v = from_centre(y, window.ny) / sy, u = from_centre(x, window.nx) / sx;
        wave.emplace_back(factor(v, u) * std::exp(-(v * v + u * u) / 2));
      }
    scale_to(wave, 1);
    return wave;
  };
  ComplexImage first = gauss([](double, double) { return 1.0; });
  scale_to(first, 500);
  const ComplexImage modes = make_modes(first, window, 6);
  const std::vector<ComplexImage> expected{
      gauss([](double, double) { return 1.0; }),       gauss([](double, double u) { return u; }),
      gauss([](double v, double) { return v; }),       gauss([](double, double u) { return 4 * u * u - 2; }),
      gauss([](double v, double u) { return v * u; }), gauss([](double v, double) { return 4 * v * v - 2; })};
  double total = 0;
  for (Index m = 0; m < 6; ++m) {
    ComplexImage mode = mode_of(modes, m, window.count());
    const double power = overlap(mode, mode).real();
    total += power;
    // 1 and five times 0.05, scaled to 500 electrons: 400 and 20.
    BOOST_TEST(power == 500 / 1.25 * (m == 0 ? 1 : 0.05), boost::test_tools::tolerance(1e-9));
    scale_to(mode, 1);
    BOOST_TEST_CONTEXT("mode " << m) BOOST_TEST(std::abs(overlap(expected[m], mode)) > 1 - 1e-6);
  }
  BOOST_TEST(total == 500, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(the_rim_is_the_outer_tenth_on_each_side) {
  static constexpr Grid window{.ny = 20, .nx = 40, .dy_A = 0.1, .dx_A = 0.1};
  const auto share_of = [&](Index y, Index x) {
    ComplexImage wave(static_cast<std::size_t>(window.count()));
    wave[y * window.nx + x] = 2;
    wave[10 * window.nx + 20] = 1;
    return power_at_rim(wave, window);
  };
  BOOST_TEST(share_of(1, 20) == 0.8, boost::test_tools::tolerance(1e-12));  // 9 of 20 pixels from the centre
  BOOST_TEST(share_of(2, 20) == 0);                                         // 8 of 20 are not beyond 0.4
  BOOST_TEST(share_of(19, 20) == 0.8, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(share_of(10, 3) == 0.8, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(share_of(10, 4) == 0);
  BOOST_TEST(share_of(10, 37) == 0.8, boost::test_tools::tolerance(1e-12));
}

}  // namespace tessera::testing
