// ranks: 1
// Lattices that images of a scan show, against planted ones: any turn, strain, extinct orders, turned scans, noise, and
// what is no lattice.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/random.hpp"
#include "src/workflow/preprocess/lattice.hpp"
#include "src/workflow/preprocess/lattice_fit.hpp"

using namespace tessera;

namespace {

/// A wave of the specimen, by its indices on the lattice.
struct Wave {
  PointYX index;
  double amplitude = 1;
};

/// What is planted: waves of a lattice, seen by a scan that `distortion` takes to true positions.
struct Planted {
  LatticeVectors lattice_A;
  std::vector<Wave> waves;
  Matrix2 distortion{1, 0, 0, 1};
  double turn_rad = 0, noise = 0;
  std::uint64_t seed = 1;
};

Matrix2 rotation(double rad) {  // from x towards y
  return {std::cos(rad), std::sin(rad), -std::sin(rad), std::cos(rad)};
}

double normal(std::uint64_t seed, Index i) {
  const double u = random_uniform(seed, 2 * i), v = random_uniform(seed, 2 * i + 1);
  return std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * pi * v);
}

ScanImages images_of(const Planted& planted, Index rows, Index columns, const Matrix2& step_A) {
  const auto [ay, ax, by, bx] = planted.lattice_A;
  const Matrix2 k = transposed(inverse({ay, by, ax, bx}));  // columns a*, b*
  ScanImages images{.rows = rows, .columns = columns};
  for (int channel = 0; channel < 4; ++channel) {
    std::vector<double> image;
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) {
        const PointYX nominal = mapped(step_A, {static_cast<double>(r), static_cast<double>(c)});
        const PointYX at = mapped(rotation(-planted.turn_rad), mapped(planted.distortion, nominal));
        double value = 1000 + 3 * channel;
        for (const Wave& wave : planted.waves) {
          const PointYX q = mapped(k, wave.index);
          value += wave.amplitude * std::cos(2 * pi * (q.y * at.y + q.x * at.x) + channel);
        }
        value += planted.noise * normal(100 * planted.seed + static_cast<std::uint64_t>(channel), r * columns + c);
        image.push_back(value);
      }
    images.channels.push_back(std::move(image));
  }
  return images;
}

std::optional<LatticeFit> found(const Planted& planted, Index rows, Index columns, const Matrix2& step_A,
                                const LatticeVectors& reference) {
  const ScanImages images = images_of(planted, rows, columns, step_A);
  return fit_lattice(scan_spectrum(images, step_A, shortest_frequency(reference) / 2), reference,
                     {step_A[1], step_A[3]});
}

double largest_difference(const Matrix2& a, const Matrix2& b) {
  double largest = 0;
  for (std::size_t i = 0; i < 4; ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

const LatticeVectors hexagonal{0, 3.16, 3.16 * 0.8660254037844386, 1.58};
const LatticeVectors square{0, 3.905, 3.905, 0};
const std::vector<Wave> first_orders{{{1, 0}}, {{0, 1}}, {{1, -1}}};
/// Where a step along y, and along x, truly leads, as columns; x keeps its direction.
const Matrix2 drifted{1.06, 0, 0.07, 0.96};

}  // namespace

BOOST_AUTO_TEST_SUITE(lattice_fits)

BOOST_AUTO_TEST_CASE(scale_shear_and_drift_are_found_at_any_turn_of_the_lattice) {
  for (int turn = 0; turn < 12; ++turn) {
    const Planted planted{
        .lattice_A = hexagonal, .waves = first_orders, .distortion = drifted, .turn_rad = turn * 0.2, .noise = 2};
    const auto fit = found(planted, 96, 80, {0.45, 0, 0, 0.5}, hexagonal);
    BOOST_TEST_REQUIRE(fit.has_value());
    BOOST_TEST(fit->spots == 3);
    BOOST_TEST(!fit->rival.has_value());
    BOOST_TEST(fit->error < 3e-3);
    BOOST_TEST(largest_difference(fit->affine, drifted) < 4 * fit->error);
    // The same as of two vectors by hand.
    const Matrix2 turned = rotation(fit->turn_rad);
    const PointYX a = mapped(turned, {hexagonal[0], hexagonal[1]}), b = mapped(turned, {hexagonal[2], hexagonal[3]});
    BOOST_TEST(largest_difference(lattice_affine(fit->measured_A, {a.y, a.x, b.y, b.x}), fit->affine) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(the_stated_error_is_what_noise_does_also_to_weak_spots_and_oblong_scans) {
  double square_sum = 0, most = 0;
  constexpr int seeds = 24;
  for (int seed = 0; seed < seeds; ++seed) {
    const Planted planted{.lattice_A = hexagonal,
                          .waves = {{{1, 0}, 3}, {{0, 1}, 0.5}, {{1, -1}, 0.5}},
                          .distortion = drifted,
                          .noise = 1,
                          .seed = static_cast<std::uint64_t>(seed) + 1};
    const auto fit = found(planted, 40, 120, {0.45, 0, 0, 0.5}, hexagonal);
    BOOST_TEST_REQUIRE(fit.has_value());
    const double off = largest_difference(fit->affine, drifted) / fit->error;
    square_sum += off * off;
    most = std::max(most, off);
  }
  BOOST_TEST(most < 4);
  BOOST_TEST(std::sqrt(square_sum / seeds) > 0.2);  // it is no gross overstatement
  BOOST_TEST(std::sqrt(square_sum / seeds) < 2);
}

BOOST_AUTO_TEST_CASE(an_undistorted_scan_is_left_as_it_is) {
  const auto fit =
      found({.lattice_A = square, .waves = first_orders, .turn_rad = 0.3}, 64, 64, {0.6, 0, 0, 0.6}, square);
  BOOST_TEST_REQUIRE(fit.has_value());
  BOOST_TEST(largest_difference(fit->affine, {1, 0, 0, 1}) < 1e-3);
}

BOOST_AUTO_TEST_CASE(orders_that_are_extinct_need_not_be_there) {
  // A centred square: (1, 0) and (0, 1) are missing.
  const Planted planted{.lattice_A = square,
                        .waves = {{{1, 1}}, {{1, -1}}, {{2, 0}}, {{0, 2}}},
                        .distortion = {0.95, 0, 0.03, 1.04},
                        .turn_rad = 0.5,
                        .noise = 1};
  const auto fit = found(planted, 100, 100, {0.4, 0, 0, 0.4}, square);
  BOOST_TEST_REQUIRE(fit.has_value());
  BOOST_TEST(fit->spots == 4);
  BOOST_TEST(largest_difference(fit->affine, planted.distortion) < 3e-3);
}

BOOST_AUTO_TEST_CASE(the_fast_direction_of_a_turned_scan_is_what_stays) {
  // A raster turned by 0.7, whose slow direction is sheared along the fast one.
  const Matrix2 turned = rotation(0.7), step = product(turned, {0.45, 0, 0, 0.45});
  const Matrix2 distortion = product(product(turned, drifted), rotation(-0.7));
  const auto fit = found({.lattice_A = hexagonal, .waves = first_orders, .distortion = distortion, .noise = 1}, 96, 96,
                         step, hexagonal);
  BOOST_TEST_REQUIRE(fit.has_value());
  BOOST_TEST(largest_difference(fit->affine, distortion) < 5e-3);
}

BOOST_AUTO_TEST_CASE(two_ways_in_which_a_reference_fits_are_told) {
  const LatticeVectors nearly_square{4.0, 0, 0, 4.3};
  const Planted stretched{.lattice_A = nearly_square,
                          .waves = {{{1, 0}}, {{0, 1}}, {{1, 1}}},
                          .distortion = {1 / 1.1, 0, 0, 1},
                          .noise = 1};
  const auto fit = found(stretched, 96, 96, {0.5, 0, 0, 0.5}, nearly_square);
  BOOST_TEST_REQUIRE(fit.has_value());
  BOOST_TEST_REQUIRE(fit->rival.has_value());
  BOOST_TEST(std::min(largest_difference(fit->affine, stretched.distortion),
                      largest_difference(*fit->rival, stretched.distortion)) < 0.01);
}

BOOST_AUTO_TEST_CASE(noise_and_another_lattice_are_none) {
  const Matrix2 step{0.5, 0, 0, 0.5};
  for (const std::uint64_t seed : {1U, 2U, 3U})
    for (const Index n : {16, 40, 128}) {
      const Planted nothing{.lattice_A = hexagonal, .waves = {}, .noise = 1, .seed = seed};
      BOOST_TEST(!found(nothing, n, n, step, hexagonal).has_value());
      // One specimen without order, which all channels show alike.
      ScanImages alike = images_of(nothing, n, n, step);
      for (std::vector<double>& channel : alike.channels) channel = alike.channels.front();
      const ScanSpectrum spectrum = scan_spectrum(alike, step, shortest_frequency(hexagonal) / 2);
      BOOST_TEST(find_spots(spectrum).empty());
      BOOST_TEST(!fit_lattice(spectrum, hexagonal, {0, 0.5}).has_value());
    }
  const LatticeVectors larger{0, 5.2, 5.2, 0};
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = first_orders, .noise = 1}, 96, 96, step, larger).has_value());
  // The same everywhere; one wave, which has no second direction; steps too coarse for any.
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = {}}, 32, 32, step, hexagonal).has_value());
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = {{{1, 0}}}, .noise = 1}, 64, 64, step, hexagonal).has_value());
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = {}, .noise = 1}, 16, 16, {9, 0, 0, 9}, hexagonal).has_value());
}

BOOST_AUTO_TEST_CASE(the_shortest_frequency_of_a_lattice_is_over_its_widest_rows) {
  BOOST_TEST(std::abs(shortest_frequency(square) - 1 / 3.905) < 1e-12);
  BOOST_TEST(std::abs(shortest_frequency(hexagonal) - 1 / (3.16 * 0.8660254037844386)) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
