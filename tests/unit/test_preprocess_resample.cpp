// ranks: 1
// Where raw pixels go: against plain indices where pixels stay whole, against conservation and moments where not.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "src/workflow/preprocess/distortion.hpp"
#include "src/workflow/preprocess/pattern_chain.hpp"
#include "src/workflow/preprocess/resample.hpp"
#include "tests/support/noise.hpp"

using namespace tessera;

namespace {

constexpr double degree = 3.14159265358979323846 / 180;

std::vector<double> noise(Index n) {
  std::vector<double> values;
  for (Index i = 0; i < n; ++i) values.push_back(std::floor(100 * testing::uniform(7, i)));
  return values;
}

std::vector<double> apply(const Resampler& resampler, const std::vector<double>& raw) {
  std::vector<double> pattern(resampler.valid.size());
  resampler.apply(raw, pattern);
  return pattern;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

DetectorGeometry geometry_of(const PreprocessOptions& steps, Index ny, Index nx, PointYX centre) {
  return make_geometry(steps, {ny, nx}, centre, {1, 0, 0, 1}, {});
}

/// A smooth spot.
std::vector<double> spot(Index n, double y0, double x0) {
  std::vector<double> values;
  for (Index y = 0; y < n; ++y)
    for (Index x = 0; x < n; ++x)
      values.push_back(
          std::exp(-(std::pow(static_cast<double>(y) - y0, 2) + std::pow(static_cast<double>(x) - x0, 2)) / 8));
  return values;
}

PointYX centre_of_mass(const std::vector<double>& values, Index nx) {
  PointYX centre;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Index row = static_cast<Index>(i) / nx, column = static_cast<Index>(i) % nx;
    centre.y += values[i] * static_cast<double>(row) / sum(values);
    centre.x += values[i] * static_cast<double>(column) / sum(values);
  }
  return centre;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(preprocess_resample)

BOOST_AUTO_TEST_CASE(nothing_changes_no_bit) {
  const DetectorGeometry geometry = geometry_of({}, 7, 10, {3, 5});
  BOOST_TEST(geometry.identity());
  const std::vector<double> raw = noise(70);
  const Resampler resampler = make_resampler(geometry, std::vector<double>(70, 1.0));
  BOOST_TEST((resampler.whole && apply(resampler, raw) == raw));
  BOOST_TEST(sum(resampler.valid) == 70);
}

BOOST_AUTO_TEST_CASE(whole_shifts_quarter_turns_and_sums_are_index_maps) {
  const Index n = 12;
  const std::vector<double> raw = noise(n * n), all(n * n, 1.0);
  const Resampler moved = make_resampler(geometry_of({}, n, n, {8.3, 4.6}), all);  // rounded to (8, 5)
  const std::vector<double> shifted = apply(moved, raw);
  BOOST_TEST(moved.whole);
  for (Index y = 0; y < n; ++y)
    for (Index x = 0; x < n; ++x) {
      const bool inside = y + 2 < n && x - 1 >= 0;
      BOOST_TEST(shifted[y * n + x] == (inside ? raw[(y + 2) * n + x - 1] : 0));
      BOOST_TEST(moved.valid[y * n + x] == (inside ? 1 : 0));
    }
  PreprocessOptions turn;
  turn.rotation_rad = 90 * degree;
  const Resampler quarter = make_resampler(geometry_of(turn, n, n, {6, 6}), all);
  const std::vector<double> turned = apply(quarter, raw);
  BOOST_TEST(quarter.whole);
  for (Index y = 1; y < n; ++y)
    for (Index x = 1; x < n; ++x)  // x goes to y, y to -x
      BOOST_TEST(turned[x * n + (12 - y)] == raw[y * n + x]);
  for (const Index bin : {2, 3}) {
    PreprocessOptions summed;
    summed.bin = bin;
    const Resampler sums = make_resampler(geometry_of(summed, n, n, {6, 6}), all);
    const std::vector<double> binned = apply(sums, raw);
    BOOST_TEST(sums.whole);
    // Pixel N/2 of the sums holds raw pixel N/2: with 2 it begins there, with 3 it is in its middle.
    const Index m = n / bin, first = 6 - (bin == 3 ? 1 : 0);
    double expected = 0;
    for (Index y = 0; y < bin; ++y)
      for (Index x = 0; x < bin; ++x) expected += raw[(first + y) * n + first + x];
    BOOST_TEST(binned[m / 2 * m + m / 2] == expected);
  }
}

BOOST_AUTO_TEST_CASE(crop_and_padding_lie_about_zero_angle) {
  const Index n = 12;
  const std::vector<double> raw = noise(n * n);
  PreprocessOptions steps;
  steps.crop_px = {6, 4};
  steps.pad_px = {8, 8};
  const Resampler cut = make_resampler(geometry_of(steps, n, n, {6, 6}), std::vector<double>(n * n, 1.0));
  const std::vector<double> pattern = apply(cut, raw);
  for (Index y = 0; y < 8; ++y)
    for (Index x = 0; x < 8; ++x) {
      const bool kept = y >= 1 && y < 7 && x >= 2 && x < 6;
      BOOST_TEST(pattern[y * 8 + x] == (kept ? raw[(y + 2) * n + x + 2] : 0));
      BOOST_TEST(cut.valid[y * 8 + x] == (kept ? 1 : 0));
    }
}

BOOST_AUTO_TEST_CASE(cut_pixels_lose_no_count_and_go_where_they_belong) {
  const Index n = 64;
  PreprocessOptions steps;
  steps.rotation_rad = 30 * degree;
  const double ratio = 1.2, long_axis = 25 * degree;
  const PointYX centre{33.3, 30.8}, at{39, 35.5};
  const DetectorGeometry geometry = make_geometry(steps, {n, n}, centre, round_ellipse(ratio, long_axis), {});
  const Resampler resampler = make_resampler(geometry, std::vector<double>(n * n, 1.0));
  const std::vector<double> raw = spot(n, at.y, at.x), pattern = apply(resampler, raw);
  BOOST_TEST(!resampler.whole);
  BOOST_TEST(std::abs(sum(pattern) / sum(raw) - 1) < 1e-9);
  // The same by plain trigonometry: along the long axis shorter, across longer, then turned from x towards y.
  const double dy = at.y - centre.y, dx = at.x - centre.x;
  const double along = (dx * std::cos(long_axis) + dy * std::sin(long_axis)) / std::sqrt(ratio);
  const double across = (-dx * std::sin(long_axis) + dy * std::cos(long_axis)) * std::sqrt(ratio);
  const double turned = long_axis + steps.rotation_rad;
  const PointYX found = centre_of_mass(pattern, n);
  BOOST_TEST(std::abs(found.y - 32 - (along * std::sin(turned) + across * std::cos(turned))) < 0.01);
  BOOST_TEST(std::abs(found.x - 32 - (along * std::cos(turned) - across * std::sin(turned))) < 0.01);
}

BOOST_AUTO_TEST_CASE(a_distortion_is_undone_before_all_else) {
  const Index n = 48;
  PreprocessOptions steps;
  steps.rotation_rad = 90 * degree;
  const Undistort undistort = [](const PointYX& p) { return PointYX{p.y + 0.5, p.x - 2.25 + 0.01 * (p.x - 20)}; };
  const DetectorGeometry geometry = make_geometry(steps, {n, n}, {24.5, 21.75}, {1, 0, 0, 1}, undistort);
  const Resampler resampler = make_resampler(geometry, std::vector<double>(n * n, 1.0));
  const std::vector<double> raw = spot(n, 24, 20), pattern = apply(resampler, raw);
  BOOST_TEST(std::abs(sum(pattern) / sum(raw) - 1) < 1e-9);
  // The spot belongs at (24.5, 17.75), which is (0, -4) from zero angle; turned from x towards y it is (-4, 0).
  const PointYX found = centre_of_mass(pattern, n);
  BOOST_TEST(std::abs(found.y - 20) < 0.01);
  BOOST_TEST(std::abs(found.x - 24) < 0.01);
}

BOOST_AUTO_TEST_CASE(bad_pixels_spread_where_pixels_are_cut_or_summed) {
  const Index n = 12;
  std::vector<double> valid(n * n, 1.0);
  valid[5 * n + 7] = 0;
  PreprocessOptions steps;
  steps.bin = 2;
  const Resampler sums = make_resampler(geometry_of(steps, n, n, {6, 6}), valid);
  BOOST_TEST(sum(sums.valid) == 35);
  BOOST_TEST(sums.valid[2 * 6 + 3] == 0);
  PreprocessOptions turn;
  turn.rotation_rad = 10 * degree;
  const Resampler turned = make_resampler(geometry_of(turn, n, n, {6, 6}), valid);
  const Resampler whole = make_resampler(geometry_of(turn, n, n, {6, 6}), std::vector<double>(n * n, 1.0));
  const double lost = sum(whole.valid) - sum(turned.valid);
  BOOST_TEST((lost >= 4 && lost <= 6));
  const std::vector<PixelShift> shifts = {{0, 0}, {1, 0}};
  const std::vector<double> under = valid_under_shifts(valid, n, n, shifts);
  BOOST_TEST(sum(under) == 144 - 2 - 12);  // the pixel, the one above it, and the last row
  BOOST_TEST((under[5 * n + 7] == 0 && under[4 * n + 7] == 0 && under[11 * n] == 0));
}

BOOST_AUTO_TEST_CASE(a_distortion_that_folds_or_tears_is_refused) {
  const std::vector<double> all(144, 1.0);
  for (const double steepness : {-1.5, 40.0}) {
    const DetectorGeometry geometry = make_geometry({}, {12, 12}, {6, 6}, {1, 0, 0, 1}, [steepness](const PointYX& p) {
      return PointYX{p.y, p.x > 6 ? p.x + steepness * (p.x - 6) : p.x};
    });
    BOOST_CHECK_EXCEPTION(make_resampler(geometry, all), InputError, [](const InputError& error) {
      return std::string(error.what()).find("folds or tears") != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
