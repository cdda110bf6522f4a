// ranks: 1
// What the steps of preprocessing decide, against what was planted.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "src/workflow/preprocess/bad_pixels.hpp"
#include "src/workflow/preprocess/counting.hpp"
#include "src/workflow/preprocess/descan.hpp"
#include "src/workflow/preprocess/disc.hpp"
#include "src/workflow/preprocess/distortion.hpp"
#include "src/workflow/preprocess/dose.hpp"
#include "src/workflow/preprocess/lattice.hpp"
#include "src/workflow/preprocess/preprocess_file.hpp"

using namespace tessera;

namespace {

constexpr double degree = 3.14159265358979323846 / 180;

struct Ellipse {
  PointYX centre;
  double radius, ratio, angle_rad;
};

/// Share of a pixel within an ellipse.
double covered(const Ellipse& e, Index y, Index x) {
  constexpr int parts = 8;
  double inside = 0;
  for (int i = 0; i < parts * parts; ++i) {
    const int row = i / parts, column = i % parts;
    const double dy = static_cast<double>(y) - 0.5 + (row + 0.5) / parts - e.centre.y;
    const double dx = static_cast<double>(x) - 0.5 + (column + 0.5) / parts - e.centre.x;
    const double along = dx * std::cos(e.angle_rad) + dy * std::sin(e.angle_rad);
    const double across = -dx * std::sin(e.angle_rad) + dy * std::cos(e.angle_rad);
    inside += along * along / e.ratio + across * across * e.ratio <= e.radius * e.radius ? 1 : 0;
  }
  return inside / (parts * parts);
}

/// Mean of Poisson counts over `patterns` patterns of a disc of `light` over a background.
std::vector<double> mean_pattern(const Ellipse& e, Index n, double light, double background, double patterns) {
  std::mt19937 bits(3);
  std::vector<double> mean;
  for (Index i = 0; i < n * n; ++i) {
    std::poisson_distribution<int> counts(patterns * (background + light * covered(e, i / n, i % n)));
    mean.push_back(counts(bits) / patterns);
  }
  return mean;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(preprocess_steps)

BOOST_AUTO_TEST_CASE(a_disc_is_found_within_its_error) {
  const Index n = 96;
  const std::vector<double> all(n * n, 1.0);
  for (const Ellipse& e : {Ellipse{{50.3, 44.8}, 18.2, 1, 0}, Ellipse{{47.6, 48.1}, 12.5, 1.15, 35 * degree},
                           Ellipse{{41.2, 52.7}, 25, 1.04, -70 * degree}}) {
    const auto fit = fit_disc(mean_pattern(e, n, 2, 0.05, 200), all, n, n, 200);
    BOOST_REQUIRE(fit.has_value());
    BOOST_TEST(std::hypot(fit->centre_px.y - e.centre.y, fit->centre_px.x - e.centre.x) < 0.06);
    BOOST_TEST(fit->error_px() < 0.05);
    BOOST_TEST(std::abs(fit->radius_px - e.radius) < 0.15);
    BOOST_TEST(std::abs(fit->ratio - e.ratio) < 0.012);
    if (e.ratio > 1) BOOST_TEST(std::abs(std::sin(fit->angle_rad - e.angle_rad)) < 0.06);
  }
  std::vector<double> hole = all;  // a beam stop over a fifth of the disc
  for (Index y = 0; y < 50; ++y)
    for (Index x = 44; x < 48; ++x) hole[static_cast<std::size_t>(y * n + x)] = 0;
  const auto fit = fit_disc(mean_pattern({{50.3, 44.8}, 18.2, 1, 0}, n, 2, 0.05, 200), hole, n, n, 200);
  BOOST_REQUIRE(fit.has_value());
  BOOST_TEST(std::hypot(fit->centre_px.y - 50.3, fit->centre_px.x - 44.8) < 0.08);
  BOOST_TEST(!fit_disc(mean_pattern({{48, 48}, 10, 1, 0}, n, 0, 1, 200), all, n, n, 200).has_value());
}

BOOST_AUTO_TEST_CASE(hot_dead_and_noisy_pixels_are_found_and_no_other) {
  const Index n = 64;
  const double patterns = 500;
  std::vector<double> mean = mean_pattern({{32, 32}, 12, 1, 0}, n, 3, 0.2, patterns), variance = mean;
  std::vector<double> valid(n * n, 1.0);
  const auto at = [&](Index y, Index x) { return static_cast<std::size_t>(y * n + x); };
  mean[at(5, 7)] = mean[at(5, 8)] = 40;  // two hot ones beside each other
  variance[at(5, 7)] = variance[at(5, 8)] = 40;
  mean[at(32, 30)] = 60;  // hot within the disc
  mean[at(30, 35)] = variance[at(30, 35)] = 0;
  variance[at(50, 50)] *= 30;  // as bright as the others, but restless
  const BadPixels bad = find_bad_pixels(mean, variance, patterns, valid, n, n, 8);
  BOOST_TEST(bad.hot == 3);
  BOOST_TEST(bad.dead == 1);
  BOOST_TEST(bad.noisy == 1);
  for (const auto& [y, x] : {std::pair{5, 7}, {5, 8}, {32, 30}, {30, 35}, {50, 50}})
    BOOST_TEST(bad.valid[at(y, x)] == 0);
}

BOOST_AUTO_TEST_CASE(a_bright_pattern_with_steep_rims_has_no_bad_pixels) {
  const Index n = 64;
  std::vector<double> mean = mean_pattern({{31.4, 33.2}, 9.6, 1, 0}, n, 200, 0.02, 500);
  for (const auto& [y, x] : {std::pair{31.0, 45.0}, {24.0, 22.0}, {45.5, 37.0}}) {  // reflections that overlap it
    const std::vector<double> more = mean_pattern({{y, x}, 9.6, 1, 0}, n, 60, 0, 500);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += more[i];
  }
  BOOST_TEST(find_bad_pixels(mean, mean, 500, std::vector<double>(n * n, 1.0), n, n, 8).found() == 0);
}

BOOST_AUTO_TEST_CASE(electron_peaks_are_found_within_three_errors) {
  std::mt19937 bits(5);
  for (const double gain : {40.0, 375.0}) {
    Histogram histogram{.low = -0.3 * gain, .width = gain / 60, .counts = std::vector<double>(300, 0.0)};
    std::poisson_distribution<int> electrons(0.05);
    std::normal_distribution<double> noise(0, 0.08 * gain);
    for (int i = 0; i < 300000; ++i) histogram.add(2 + gain * electrons(bits) + noise(bits));
    const auto peaks = electron_peaks(histogram);
    BOOST_REQUIRE(peaks.has_value());
    BOOST_TEST(std::abs(peaks->per_electron - gain) < 3 * peaks->error + 0.001 * gain);
    BOOST_TEST(peaks->error < 0.005 * gain);
    BOOST_TEST(std::abs(peaks->zero - 2) < 0.01 * gain);
    BOOST_TEST(std::abs(peaks->width / (0.08 * gain) - 1) < 0.05);
  }
  Histogram falling{.low = 0, .width = 1, .counts = {}};
  for (int i = 0; i < 200; ++i) falling.counts.push_back(std::floor(1e5 * std::exp(-0.05 * i)));
  BOOST_TEST(!electron_peaks(falling).has_value());
}

BOOST_AUTO_TEST_CASE(a_wander_of_the_disc_is_a_plane) {
  const Index n = 48;
  const std::vector<double> all(n * n, 1.0);
  const DiscFit disc{.centre_px = {24, 23}, .radius_px = 9, .ratio = 1, .angle_rad = 0, .scatter_px = 0, .rays = 1};
  DescanSums sums{};
  std::vector<double> mean(n * n, 0.0);
  for (int i = 0; i < 81; ++i) {
    const int row = i / 9 - 4, column = i % 9 - 4;
    const PointYX scan{row / 4.0, column / 4.0};
    const PointYX moved{2 * scan.y - 0.5 * scan.x, 1.2 * scan.x};
    const std::vector<double> pattern = mean_pattern({{24 + moved.y, 23 + moved.x}, 9, 1, 0}, n, 5, 0.3, 1);
    const DescanSums one = descan_sums(pattern, all, n, disc, 1.5 * 9 + 2, scan);
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += one[k];
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += pattern[k] / 81;
  }
  const DescanPlane plane = descan_plane(sums, share_in_disc(mean, all, n, disc, 1.5 * 9 + 2));
  BOOST_TEST(std::abs(plane.slope_px[0] - 2) < 0.15);
  BOOST_TEST(std::abs(plane.slope_px[1] + 0.5) < 0.15);
  BOOST_TEST(std::abs(plane.slope_px[2]) < 0.15);
  BOOST_TEST(std::abs(plane.slope_px[3] - 1.2) < 0.15);
  const std::vector<PointYX> corner = {{1, -1}};
  BOOST_TEST((descan_shifts({{2, -0.5, 0, 1.2}}, corner) == std::vector<PixelShift>{{3, -1}}));
}

BOOST_AUTO_TEST_CASE(a_distorted_tableau_gives_its_displacement) {
  const Index n = 128;
  const auto seen_of = [](const PointYX& p) {  // a barrel with some shear
    const double y = (p.y - 64) / 64, x = (p.x - 64) / 64, r = y * y + x * x;
    return PointYX{p.y + 4 * y * r + 1.5 * x, p.x + 4 * x * r - 2 * y * y};
  };
  std::vector<double> reference(n * n, 1.0), distorted(n * n, 1.0);
  for (int i = 0; i < 49; ++i) {
    const int row = i / 7, column = i % 7;
    const PointYX p{22.0 + 14 * row, 22.0 + 14 * column}, q = seen_of(p);
    for (Index k = 0; k < n * n; ++k) {
      const auto index = static_cast<std::size_t>(k);
      reference[index] += 50 * covered({p, 3.5, 1, 0}, k / n, k % n);
      distorted[index] += 50 * covered({q, 3.5, 1, 0}, k / n, k % n);
    }
  }
  const std::vector<PointYX> where = find_discs(reference, n, n), seen = find_discs(distorted, n, n);
  BOOST_TEST(where.size() == 49U);
  const DistortionFit fit = fit_distortion(where, seen, 4, n, n);
  BOOST_TEST(fit.discs == 49);
  BOOST_TEST(fit.scatter_px < 0.05);
  for (const PointYX& p : {PointYX{30, 40}, PointYX{64, 64}, PointYX{95, 80}, PointYX{100, 30}}) {
    const PointYX back = fit.undistort(seen_of(p));
    BOOST_TEST(std::hypot(back.y - p.y, back.x - p.x) < 0.06);
  }
  BOOST_CHECK_THROW(fit_distortion({where.data(), 8}, seen, 3, n, n), InputError);
  BOOST_CHECK_THROW(map_distortion(std::vector<double>(2 * n * n, 1e3), n, n), InputError);
  std::vector<double> ramp(2 * 16);
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 4; ++x) ramp[4 * y + x] = 0.1 * static_cast<double>(y);
  const PointYX moved = map_distortion(ramp, 4, 4)({1.5, 2});
  BOOST_TEST((std::abs(moved.y - 1.65) < 1e-12 && moved.x == 2));
}

BOOST_AUTO_TEST_CASE(a_lattice_gives_the_matrix_that_takes_it_to_its_reference) {
  const LatticeVectors measured = {3.0, 0.2, 1.4, 2.8}, reference = {3.16, 0, 1.58, 2.7366};
  const auto m = lattice_affine(measured, reference);
  for (const std::size_t v : {0U, 2U}) {
    BOOST_TEST(std::abs(m[0] * measured[v] + m[1] * measured[v + 1] - reference[v]) < 1e-12);
    BOOST_TEST(std::abs(m[2] * measured[v] + m[3] * measured[v + 1] - reference[v + 1]) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(flat_dose_and_rounds) {
  const std::vector<double> response = {1, 2, 4, 0, 2};
  BOOST_TEST((flat_factors(response) == std::vector<double>{2, 1, 0.5, 0, 1}));
  std::vector<double> electrons(1000);
  for (std::size_t i = 0; i < 1000; ++i) electrons[i] = 1000 + 0.1 * (static_cast<double>(i) + 0.5);
  const DoseStatistics dose = dose_statistics(electrons);
  BOOST_TEST(std::abs(dose.mean - 1050) < 1e-9);
  BOOST_TEST(std::abs(dose.drift * 1050 - 100) < 1e-6);
  BOOST_TEST((dose.blank == 0 && dose.least < 1001 && dose.most > 1099));
  for (const auto& [n, unit, most, ranks] : {std::array<Index, 4>{100, 7, 20, 3}, {5, 1, 64, 4}, {64, 32, 8, 2}}) {
    const RoundPlan plan = plan_rounds(n, unit, most, static_cast<int>(ranks));
    Index next = 0;
    for (Index round = 0; round < plan.rounds(); ++round)
      for (int rank = 0; rank < ranks; ++rank) {
        const Stretch part = plan.of_round(rank, round);
        BOOST_TEST(part.count() <= std::max(most, Index{1}));
        if (part.count() == 0) continue;
        BOOST_TEST((part.first == next && part.first % plan.unit == 0));
        next = part.last;
        if (rank + 1 == ranks) BOOST_TEST(plan.reached(plan.of_round(0, round)) == next);
      }
    BOOST_TEST(next == n);
  }
}

BOOST_AUTO_TEST_CASE(a_part_of_a_scan_is_at_most_three_boxes) {
  const std::vector<Index> scan = {6, 5}, inner = {2};
  const std::vector<std::byte> data(30 * 2);
  const auto blocks = scan_blocks({3, 22}, scan, inner, data.data(), 2);
  BOOST_REQUIRE(blocks.size() == 3U);
  BOOST_TEST((blocks[0].start == std::vector<Index>{0, 3, 0} && blocks[0].count == std::vector<Index>{1, 2, 2}));
  BOOST_TEST((blocks[1].start == std::vector<Index>{1, 0, 0} && blocks[1].count == std::vector<Index>{3, 5, 2}));
  BOOST_TEST((blocks[2].start == std::vector<Index>{4, 0, 0} && blocks[2].count == std::vector<Index>{1, 2, 2}));
  BOOST_TEST(static_cast<const std::byte*>(blocks[2].data) - data.data() == 17 * 2);
}

BOOST_AUTO_TEST_SUITE_END()
