// ranks: 1
// What is found in patterns whose faults are known, and what the sheet says of it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "src/workflow/input/sampling_sheet.hpp"

using namespace tessera;

namespace {

constexpr Index ny = 40, nx = 48, patterns = 32;

/// Counts of a disc of 9 pixels in radius about a pixel, on a faint ground.
PatternSample disc(PointYX centre, double level = 50, double ground = 0.5) {
  std::mt19937 bits(3);
  PatternSample sample{.ny = ny, .nx = nx, .values = {}};
  for (Index i = 0; i < patterns; ++i)
    for (Index y = 0; y < ny; ++y)
      for (Index x = 0; x < nx; ++x) {
        const auto round = [](double d, Index n) {
          return d - std::round(d / static_cast<double>(n)) * static_cast<double>(n);
        };
        const double r =
            std::hypot(round(static_cast<double>(y) - centre.y, ny), round(static_cast<double>(x) - centre.x, nx));
        sample.values.push_back(std::poisson_distribution<int>(r <= 9 ? level : ground)(bits));
      }
  return sample;
}

SheetInput good_input() {
  SheetInput in{.wavelength_A = 0.0197,
                .semiangle_rad = 0.0197 * 0.9,
                .dk_y_invA = 0.1,
                .dk_x_invA = 0.1,
                .C10_A = 100,
                .centre_px = {ny / 2.0, nx / 2.0},
                .patterns = 100,
                .ny = ny,
                .nx = nx};
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 10; ++x) in.positions_A.push_back({0.5 * y, 0.5 * x});
  in.facts = pattern_facts(disc({20, 24}), {}, 1);
  in.gaps_A = {5, 5};
  in.data = 1e5;
  in.unknowns = 1e4;
  return in;
}

/// Keys of the rows outside their range.
std::vector<std::string> bad(const SheetInput& in) {
  std::vector<std::string> keys;
  for (const SheetRow& row : sampling_sheet(in))
    if (!row.good()) keys.push_back(row.key);
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(the_disc_is_found_where_it_is) {
  for (const PointYX centre : {PointYX{20, 24}, PointYX{15.5, 27}, PointYX{0, 0}}) {
    const PatternFacts facts = pattern_facts(disc(centre), {}, 1);
    BOOST_REQUIRE(facts.disc.has_value());
    BOOST_TEST(std::abs(std::remainder(facts.disc->centre_px.y - centre.y, ny)) < 0.2);
    BOOST_TEST(std::abs(std::remainder(facts.disc->centre_px.x - centre.x, nx)) < 0.2);
    if (centre.y == 0) continue;
    BOOST_TEST(std::abs(facts.disc->radius_y_px - 9) <= 1);
    BOOST_TEST(std::abs(facts.disc->radius_x_px - 9) <= 1);
  }
  BOOST_TEST(!pattern_facts(disc({20, 24}, 0.1, 0.001), {}, 1).disc.has_value());  // 25 electrons a pattern
}

BOOST_AUTO_TEST_CASE(faults_of_the_counts_are_found) {
  const PatternSample good = disc({20, 24});
  const PatternFacts facts = pattern_facts(good, {}, 1);
  BOOST_TEST(facts.read == patterns);
  BOOST_TEST(facts.mean_counts == 50 * 253, boost::test_tools::tolerance(0.1));
  BOOST_TEST(facts.blank == 0);
  BOOST_TEST(facts.saturated == 0);
  BOOST_TEST(facts.repeated == 0);
  BOOST_TEST(facts.pedestal < 0.1);
  BOOST_TEST((facts.scatter.value() > 0.6 && facts.scatter.value() < 1.5));

  PatternSample sample = good;
  std::ranges::fill(sample.values.begin(), sample.values.begin() + 4 * ny * nx, 0.0);
  BOOST_TEST(pattern_facts(sample, {}, 1).blank == 4.0 / patterns);

  sample = good;
  for (double& value : sample.values) value = std::min(value, 45.0);
  BOOST_TEST(pattern_facts(sample, {}, 1).saturated > 0.05);

  sample = good;
  std::copy_n(sample.values.begin() + 2 * ny * nx, ny * nx, sample.values.begin() + 3 * ny * nx);
  BOOST_TEST(pattern_facts(sample, {}, 1).repeated == 2.0 / static_cast<double>(patterns));

  sample = good;
  for (double& value : sample.values) value += 1000;
  BOOST_TEST(pattern_facts(sample, {}, 1).pedestal > 0.9);

  sample = good;
  for (Index i = 0; i < patterns; ++i) {
    double sum = 0;
    for (Index k = 0; k < ny * nx; ++k) sum += sample.values[i * ny * nx + k];
    for (Index k = 0; k < ny * nx; ++k) sample.values[i * ny * nx + k] /= sum;
  }
  BOOST_TEST(pattern_facts(sample, {}, 1).scatter.value() < 0.01);

  std::vector<double> valid(ny * nx, 1.0);
  sample = good;
  sample.values[7] = NAN;
  sample.values[8] = -1;
  BOOST_TEST(pattern_facts(sample, valid, 1).has_nan);
  BOOST_TEST(pattern_facts(sample, valid, 1).has_negative);
  valid[7] = valid[8] = 0;
  BOOST_TEST(!pattern_facts(sample, valid, 1).has_nan);
  BOOST_TEST(!pattern_facts(sample, valid, 1).has_negative);
}

BOOST_AUTO_TEST_CASE(the_sheet_names_what_is_wrong_and_nothing_else) {
  BOOST_TEST(bad(good_input()) == Keys{}, boost::test_tools::per_element());

  SheetInput in = good_input();
  *in.semiangle_rad *= 2;
  in.probe_radius_A = 2.5;
  BOOST_TEST(bad(in) == Keys{"bright_field_over_aperture"}, boost::test_tools::per_element());

  in = good_input();
  in.facts = pattern_facts(disc({20, 30}), {}, 1);
  BOOST_TEST(bad(in) == Keys{"beam_off_centre_px"}, boost::test_tools::per_element());

  in = good_input();
  for (PointYX& p : in.positions_A) p = {8 * p.y, 8 * p.x};
  BOOST_TEST(bad(in) == (Keys{"overlap_percent", "areal_oversampling"}), boost::test_tools::per_element());

  in = good_input();
  for (PointYX& p : in.positions_A) p = {p.y / 10, p.x / 10};
  BOOST_TEST(bad(in) == (Keys{"scan_step_over_pixel", "scanned_field_over_probe"}), boost::test_tools::per_element());

  in = good_input();
  in.gaps_A = {5, 70};
  in.unknowns = 1e5;
  BOOST_TEST(bad(in) == (Keys{"slice_over_depth_of_field", "overdetermination"}), boost::test_tools::per_element());

  in = good_input();
  in.memory_B = 9e9;
  in.memory_there_B = 1e10;
  BOOST_TEST(bad(in) == Keys{"memory_MiB"}, boost::test_tools::per_element());

  // With 3 electrons a pattern 5 % are blank by chance.
  in = good_input();
  in.counts_per_electron = in.facts->mean_counts / 3.1;
  in.facts->blank = 0.06;
  BOOST_TEST(bad(in) == Keys{}, boost::test_tools::per_element());
  in.facts->blank = 0.3;
  BOOST_TEST(bad(in) == Keys{"blank_patterns_percent"}, boost::test_tools::per_element());

  in = good_input();
  *in.semiangle_rad = 0.0197 * 2.5;
  in.facts.reset();
  const std::vector<SheetRow> rows = sampling_sheet(in);
  BOOST_TEST(std::ranges::count(rows, "detector_over_aperture", &SheetRow::key) == 1);
  BOOST_TEST(std::ranges::count(bad(in), "detector_over_aperture") == 1);
  const std::vector<std::string> warnings = sheet_warnings(rows);
  BOOST_TEST(std::ranges::any_of(
      warnings, [](const std::string& w) { return w.find("check detector.pixel_mrad") != std::string::npos; }));
  BOOST_TEST(sheet_lines(rows).size() == rows.size());
}

/// By hand: probe 0.61/0.9 + 100 x 0.01773 = 2.451 A; step 0.5 A: 1 - 0.5/4.90 = 89.8 %; pi 2.451^2 / 0.25 = 75.5; a
/// pixel is 0.0197 x 0.1 rad: 1/(100 x 0.00197) = 5.08 pixels an angstrom; window 10 A.
BOOST_AUTO_TEST_CASE(figures_by_hand) {
  const auto value = [rows = sampling_sheet(good_input())](const std::string& key) {
    return std::ranges::find(rows, key, &SheetRow::key)->value;
  };
  BOOST_TEST(value("probe_radius_A") == 2.451, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(value("overlap_percent") == 89.8, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(value("areal_oversampling") == 75.5, boost::test_tools::tolerance(1e-2));
  BOOST_TEST(value("ronchigram_magnification_px_per_A") == 5.076, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(value("probe_over_window_percent") == 49.0, boost::test_tools::tolerance(1e-2));
  BOOST_TEST(value("depth_of_field_A") == 0.0197 / std::pow(0.0197 * 0.9, 2), boost::test_tools::tolerance(1e-6));
  BOOST_TEST(value("overdetermination") == 10, boost::test_tools::tolerance(1e-6));
}
