// ranks: 1
// What images of a scan tell, against what was planted: disc, deflections, displaced bright-field images, detector
// noise.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/workflow/calibrate/deflection.hpp"
#include "src/workflow/calibrate/detector_noise.hpp"
#include "src/workflow/calibrate/disc.hpp"
#include "src/workflow/calibrate/tilted_images.hpp"

using namespace tessera;

namespace {

double area_of_overlap(double r, double edge) { return std::clamp(edge - r + 0.5, 0.0, 1.0); }

struct PlantedDisc {
  double y = 30.3, x = 33.8, radius = 14.2, e = 0.03, longest_deg = 25;
  double floor = 0.05;
};

/// A disc of one count a pixel on a low floor, with Poisson noise of so many counts a pixel.
std::vector<double> disc_pattern(const PlantedDisc& disc, Index n, double counts, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> pattern;
  for (Index y = 0; y < n; ++y)
    for (Index x = 0; x < n; ++x) {
      const double dy = static_cast<double>(y) - disc.y, dx = static_cast<double>(x) - disc.x;
      const double phi = std::atan2(dy, dx), r = std::hypot(dy, dx);
      const double edge = disc.radius * (1 + disc.e * std::cos(2 * (phi - disc.longest_deg * units::rad_per_degree)));
      const double mean = counts * (disc.floor + area_of_overlap(r, edge));
      pattern.push_back(std::poisson_distribution<int>(mean)(random) / counts);
    }
  return pattern;
}

/// Bumps of a few steps' width at random places, (y, x) in steps.
struct Bumps {
  std::vector<std::array<double, 4>> list;  // y, x, width, height
  explicit Bumps(unsigned seed, Index side, int n) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> place(-8, static_cast<double>(side) + 8), width(1.2, 3), height(0.2, 1);
    for (int i = 0; i < n; ++i) {
      const double y = place(random), x = place(random), w = width(random);
      list.push_back({y, x, w, height(random)});
    }
  }
  double value(double y, double x) const {
    double sum = 0;
    for (const auto& [by, bx, w, h] : list)
      sum += h * std::exp(-(std::pow(y - by, 2) + std::pow(x - bx, 2)) / (2 * w * w));
    return sum;
  }
};

constexpr Index side = 40;

/// Deflections c with W c = gradient, steps of 2 A.
Deflections deflected(const Bumps& bumps, const Matrix2& to_scan, double noise) {
  std::mt19937 random(11);
  std::normal_distribution<double> error(0, noise);
  const Matrix2 back = transposed(to_scan);
  Deflections d{side, side, {}};
  for (Index r = 0; r < side; ++r)
    for (Index c = 0; c < side; ++c) {
      const auto y = static_cast<double>(r), x = static_cast<double>(c);
      const double h = 1e-3;
      const PointYX gradient{(bumps.value(y + h, x) - bumps.value(y - h, x)) / (4 * h),
                             (bumps.value(y, x + h) - bumps.value(y, x - h)) / (4 * h)};
      PointYX at = mapped(back, gradient);
      at.y += 0.002 * y + 0.3 + error(random);
      at.x += error(random) - 0.001 * x;
      d.values.push_back(at);
    }
  return d;
}

const Matrix2 two_A{2, 0, 0, 2};

TiltedImages tilted(const Bumps& bumps, const Matrix2& shift_steps, double electrons, double contrast) {
  std::mt19937 random(5);
  TiltedImages images{side, side, {}, {}, std::vector<double>(side * side, 1e5)};
  for (int cy = -4; cy <= 4; ++cy)
    for (int cx = -4; cx <= 4; ++cx) {
      const PointYX place{cy / 4.5, cx / 4.5};
      if (std::hypot(place.y, place.x) > 0.95) continue;
      const PointYX d = mapped(shift_steps, place);
      images.place.push_back(place);
      auto& image = images.images.emplace_back();
      for (Index r = 0; r < side; ++r)
        for (Index c = 0; c < side; ++c) {
          const double value = bumps.value(static_cast<double>(r) + d.y, static_cast<double>(c) + d.x);
          const double mean = electrons * (1 - contrast * value);
          image.push_back(static_cast<float>(std::poisson_distribution<int>(mean)(random)));
        }
    }
  return images;
}

/// Pairs of patterns of a still specimen, so many counts an electron, each electron's charge spread.
PatternSample noisy_sample(double gain, double psf_px, double change) {
  constexpr Index n = 48;
  std::mt19937 random(17);
  PatternSample sample{n, n, {}};
  for (int pattern = 0; pattern < 24; ++pattern) {
    std::vector<double> charge(static_cast<std::size_t>(n * n), 0.0);
    for (Index y = 0; y < n; ++y)
      for (Index x = 0; x < n; ++x) {
        const double r = std::hypot(static_cast<double>(y) - 24, static_cast<double>(x) - 24);
        const double wobble = 1 + change * std::sin(0.9 * pattern + 0.2 * static_cast<double>(x));
        const double mean = (r < 10 ? 6.0 : 1.2 * std::exp(-(r - 10) / 20)) * wobble;
        const int electrons = std::poisson_distribution<int>(mean)(random);
        if (psf_px == 0) {
          charge[y * n + x] += gain * electrons;
          continue;
        }
        double sum = 0;
        for (Index k = -3; k <= 3; ++k)
          for (Index l = -3; l <= 3; ++l) sum += std::exp(-static_cast<double>(k * k + l * l) / (2 * psf_px * psf_px));
        for (Index k = -3; k <= 3; ++k)
          for (Index l = -3; l <= 3; ++l) {
            const Index yy = y + k, xx = x + l;
            if (yy < 0 || xx < 0 || yy >= n || xx >= n) continue;
            charge[yy * n + xx] +=
                gain * electrons * std::exp(-static_cast<double>(k * k + l * l) / (2 * psf_px * psf_px)) / sum;
          }
      }
    sample.values.insert(sample.values.end(), charge.begin(), charge.end());
  }
  return sample;
}

const std::vector<double> all_valid(48 * 48, 1.0);

}  // namespace

BOOST_AUTO_TEST_CASE(a_disc_is_found_within_its_errors) {
  const PlantedDisc planted;
  constexpr Index n = 64;
  const std::vector<double> valid(n * n, 1.0);
  for (const unsigned seed : {1U, 2U, 3U}) {
    const auto disc = fit_disc(disc_pattern(planted, n, 200, seed), valid, n, n, {31, 33}, 13);
    BOOST_REQUIRE(disc.has_value());
    BOOST_TEST(std::abs(disc->centre_px.y - planted.y) < 0.1);
    BOOST_TEST(std::abs(disc->centre_px.x - planted.x) < 0.1);
    BOOST_TEST(std::abs(disc->radius_px - planted.radius) < 0.1);
    BOOST_TEST(std::abs(disc->ellipticity() - 2 * planted.e) < std::max(0.01, 4 * disc->e_error));
    BOOST_TEST(std::abs(disc->longest_deg() - planted.longest_deg) < 10);
    BOOST_TEST(disc->radius_error_px < 0.1);
  }
}

BOOST_AUTO_TEST_CASE(a_pattern_without_a_rim_has_no_disc) {
  constexpr Index n = 64;
  const std::vector<double> valid(n * n, 1.0);
  std::mt19937 random(3);
  std::vector<double> even;
  for (Index i = 0; i < n * n; ++i) even.push_back(std::poisson_distribution<int>(100)(random));
  BOOST_TEST(!fit_disc(even, valid, n, n, {32, 32}, 12).has_value());
}

BOOST_AUTO_TEST_CASE(deflections_tell_the_turn_and_the_mirror) {
  const Bumps bumps(4, side, 60);
  for (const bool mirrored : {false, true})
    for (const double degrees : {-100.0, 10.0, 75.0, 170.0}) {
      const Matrix2 to_scan = turn(degrees * units::rad_per_degree, mirrored);
      const auto found = find_by_deflection(deflected(bumps, to_scan, 0.02), two_A);
      BOOST_REQUIRE(found.has_value());
      BOOST_TEST(found->sure());
      BOOST_TEST(found->mirrored == mirrored);
      const double off = std::remainder(found->turn_rad - degrees * units::rad_per_degree, pi);
      BOOST_TEST(std::abs(off) < std::max(3 * found->turn_error_rad, 0.01));
      // Bumps are bright: the turn is told, not only up to half a turn.
      if (found->sign_sure())
        BOOST_TEST(std::abs(std::remainder(found->turn_rad - degrees * units::rad_per_degree, 2 * pi)) < 0.2);
    }
}

BOOST_AUTO_TEST_CASE(noise_alone_has_no_turn) {
  const Bumps none(4, side, 0);
  const auto found = find_by_deflection(deflected(none, turn(0.3, false), 0.02), two_A);
  BOOST_TEST((!found || !found->sure()));
}

/// Against the phase whose gradient they are.
BOOST_AUTO_TEST_CASE(deflections_integrate_to_the_phase) {
  const Bumps bumps(4, side, 60);
  const Matrix2 to_scan = turn(0.8, true);
  Deflections d = deflected(bumps, to_scan, 0);
  for (PointYX& p : d.values) p = {p.y / (2 * pi), p.x / (2 * pi)};
  const std::vector<double> phase = integrated_phase(d, to_scan, two_A);
  double ab = 0, aa = 0, bb = 0, ma = 0, mb = 0;
  const double n = side * side;
  for (Index i = 0; i < side * side; ++i) {
    ma += phase[i] / n;
    mb += bumps.value(static_cast<double>(i / side), static_cast<double>(i % side)) / n;
  }
  for (Index i = 0; i < side * side; ++i) {
    const double a = phase[i] - ma;
    const double b = bumps.value(static_cast<double>(i / side), static_cast<double>(i % side)) - mb;
    ab += a * b;
    aa += a * a;
    bb += b * b;
  }
  BOOST_TEST(ab / std::sqrt(aa * bb) > 0.9);
}

BOOST_AUTO_TEST_CASE(displaced_images_tell_the_displacement) {
  const Bumps bumps(4, side, 80);
  for (const Matrix2& shift : {Matrix2{3.1, 0.4, 0.2, 2.6}, Matrix2{-0.7, 4.2, 4.9, 0.3}}) {
    const auto found = find_by_tilt(tilted(bumps, shift, 60, 0.15), two_A);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->sure());
    for (std::size_t i = 0; i < 4; ++i)
      BOOST_TEST(std::abs(found->shift[i] - 2 * shift[i]) < std::max(4 * found->error[i], 0.1));
  }
}

BOOST_AUTO_TEST_CASE(images_of_noise_tell_no_displacement) {
  const Bumps bumps(4, side, 80);
  const auto found = find_by_tilt(tilted(bumps, {3, 0, 0, 3}, 5, 0), two_A);
  BOOST_TEST((!found || !found->sure()));
}

/// The sum of the images that were put back has the bumps' contrast, that of the images as they are has not.
BOOST_AUTO_TEST_CASE(images_put_back_agree) {
  const Bumps bumps(4, side, 80);
  const Matrix2 shift{4, 0, 0, 4};
  const TiltedImages images = tilted(bumps, shift, 1000, 0.15);
  const auto spread = [](const std::vector<double>& image) {
    double squares = 0;
    for (const double v : image) squares += v * v;
    return std::sqrt(squares / static_cast<double>(image.size()));
  };
  const double back = spread(tilt_corrected(images, two_A, {8, 0, 0, 8}));
  BOOST_TEST(back > 1.5 * spread(tilt_corrected(images, two_A, {-8, 0, 0, 8})));
}

BOOST_AUTO_TEST_CASE(scatter_tells_the_gain_and_the_point_spread) {
  const auto sharp = detector_noise(noisy_sample(37, 0, 0), all_valid);
  BOOST_REQUIRE(sharp.has_value());
  BOOST_TEST(sharp->sure);
  BOOST_TEST(std::abs(sharp->counts_per_electron - 37) < 4 * sharp->counts_error);
  BOOST_TEST(sharp->counts_error < 4);
  BOOST_TEST(sharp->psf_px == 0);
  const auto spread = detector_noise(noisy_sample(37, 0.7, 0), all_valid);
  BOOST_REQUIRE(spread.has_value());
  BOOST_TEST(std::abs(spread->psf_px - 0.7) < 0.07);
}

/// A specimen that changes every pixel by a multiple of counting noise is no measure of the detector.
BOOST_AUTO_TEST_CASE(a_specimen_that_changes_is_not_taken_for_noise) {
  const auto noise = detector_noise(noisy_sample(1, 0, 0.9), all_valid);
  BOOST_TEST((!noise || !noise->sure));
}
