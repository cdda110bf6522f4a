// ranks: 1
// Lattices that images of a scan show, against planted ones: any turn, strain, extinct orders, few positions, noise.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/random.hpp"
#include "src/workflow/preprocess/lattice.hpp"
#include "src/workflow/preprocess/lattice_fit.hpp"

using namespace tessera;

namespace {

/// What is planted: waves with the given indices of a lattice, seen by a scan that `distortion` takes to true
/// positions.
struct Planted {
  LatticeVectors lattice_A;
  std::vector<PointYX> waves;
  Matrix2 distortion{1, 0, 0, 1};
  double turn_rad = 0, noise = 0;
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
  for (int channel = 0; channel < 3; ++channel) {
    std::vector<double> image;
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) {
        const PointYX nominal = mapped(step_A, {static_cast<double>(r), static_cast<double>(c)});
        const PointYX at = mapped(rotation(-planted.turn_rad), mapped(planted.distortion, nominal));
        double value = 1000 + 3 * channel;
        for (const PointYX& n : planted.waves) {
          const PointYX q = mapped(k, n);
          value += std::cos(2 * pi * (q.y * at.y + q.x * at.x) + channel);
        }
        value += planted.noise * normal(static_cast<std::uint64_t>(channel) + 1, r * columns + c);
        image.push_back(value);
      }
    images.channels.push_back(std::move(image));
  }
  return images;
}

std::optional<LatticeFit> found(const Planted& planted, Index rows, Index columns, const Matrix2& step_A,
                                const LatticeVectors& reference) {
  const ScanImages images = images_of(planted, rows, columns, step_A);
  return fit_lattice(scan_spectrum(images, step_A, shortest_frequency(reference) / 2), reference);
}

/// scan.affine, as preprocess makes it.
Matrix2 affine_of(const LatticeFit& fit, const LatticeVectors& reference) {
  const Matrix2 turned = rotation(fit.turn_rad);
  const PointYX a = mapped(turned, {reference[0], reference[1]}), b = mapped(turned, {reference[2], reference[3]});
  return lattice_affine(fit.measured_A, {a.y, a.x, b.y, b.x});
}

const LatticeVectors hexagonal{0, 3.16, 3.16 * 0.8660254037844386, 1.58};
const LatticeVectors square{0, 3.905, 3.905, 0};
const std::vector<PointYX> first_orders{{1, 0}, {0, 1}, {1, -1}};

}  // namespace

BOOST_AUTO_TEST_SUITE(lattice_fits)

BOOST_AUTO_TEST_CASE(scale_shear_and_drift_are_found_at_any_turn_of_the_lattice) {
  // Columns: where a step along y, and along x, truly leads; x keeps its direction.
  const Matrix2 distortion{1.06, 0, 0.07, 0.96}, step{0.45, 0, 0, 0.5};
  for (int turn = 0; turn < 12; ++turn) {
    Planted planted{.lattice_A = hexagonal, .waves = first_orders, .distortion = distortion, .noise = 2};
    planted.turn_rad = turn * 0.2;
    const auto fit = found(planted, 96, 80, step, hexagonal);
    BOOST_TEST_REQUIRE(fit.has_value());
    BOOST_TEST(fit->spots == 3);
    BOOST_TEST(fit->error < 2e-3);
    const Matrix2 affine = affine_of(*fit, hexagonal);
    BOOST_TEST_CONTEXT("turned by " << planted.turn_rad << ", stated error " << fit->error)
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(affine[i] - distortion[i]) < 4 * fit->error + 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(an_undistorted_scan_is_left_as_it_is) {
  const auto fit =
      found({.lattice_A = square, .waves = first_orders, .turn_rad = 0.3}, 64, 64, {0.6, 0, 0, 0.6}, square);
  BOOST_TEST_REQUIRE(fit.has_value());
  const Matrix2 affine = affine_of(*fit, square);
  const Matrix2 same{1, 0, 0, 1};
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(affine[i] - same[i]) < 1e-3);
}

BOOST_AUTO_TEST_CASE(orders_that_are_extinct_need_not_be_there) {
  // A centred square: (1, 0) and (0, 1) are missing.
  const Planted planted{.lattice_A = square,
                        .waves = {{1, 1}, {1, -1}, {2, 0}, {0, 2}},
                        .distortion = {0.95, 0, 0.03, 1.04},
                        .turn_rad = 0.5,
                        .noise = 1};
  const auto fit = found(planted, 100, 100, {0.4, 0, 0, 0.4}, square);
  BOOST_TEST_REQUIRE(fit.has_value());
  BOOST_TEST(fit->spots == 4);
  const Matrix2 affine = affine_of(*fit, square);
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::abs(affine[i] - planted.distortion[i]) < 3e-3);
}

BOOST_AUTO_TEST_CASE(a_scan_whose_axes_are_turned_or_oblique_is_measured_in_angstrom) {
  const Matrix2 step{0.3, 0.35, 0.4, -0.25};
  const auto fit = found({.lattice_A = hexagonal, .waves = first_orders, .noise = 1}, 96, 96, step, hexagonal);
  BOOST_TEST_REQUIRE(fit.has_value());
  const auto [ay, ax, by, bx] = fit->measured_A;
  BOOST_TEST(std::abs(std::hypot(ay, ax) - 3.16) < 0.01);
  BOOST_TEST(std::abs(std::hypot(by, bx) - 3.16) < 0.01);
  BOOST_TEST(std::abs(ay * by + ax * bx - 3.16 * 1.58) < 0.03);
}

BOOST_AUTO_TEST_CASE(noise_and_another_lattice_are_none) {
  const Matrix2 step{0.5, 0, 0, 0.5};
  for (const double noise : {1.0, 1e3})
    for (const Index n : {16, 40, 128})
      BOOST_TEST(!found({.lattice_A = hexagonal, .waves = {}, .noise = noise}, n, n, step, hexagonal).has_value());
  const LatticeVectors larger{0, 5.2, 5.2, 0};
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = first_orders, .noise = 1}, 96, 96, step, larger).has_value());
  // The same everywhere, and one wave, which has no second direction.
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = {}}, 32, 32, step, hexagonal).has_value());
  BOOST_TEST(!found({.lattice_A = hexagonal, .waves = {{1, 0}}, .noise = 1}, 64, 64, step, hexagonal).has_value());
}

BOOST_AUTO_TEST_CASE(the_shortest_frequency_of_a_lattice_is_over_its_widest_rows) {
  BOOST_TEST(std::abs(shortest_frequency(square) - 1 / 3.905) < 1e-12);
  BOOST_TEST(std::abs(shortest_frequency(hexagonal) - 1 / (3.16 * 0.8660254037844386)) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
