// ranks: 1
// What data can be, as far as pure functions decide it: shapes, places, counts, objects.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>

#include "io/virtual_sources.hpp"
#include "src/geometry/atoms.hpp"
#include "src/workflow/input/given_object.hpp"
#include "src/workflow/input/measured_positions.hpp"
#include "src/workflow/input/valid_pixels.hpp"
#include "tests/support/noise.hpp"

namespace tessera::testing {

namespace {

using Shapes = std::vector<std::vector<Index>>;

bool says(const Error& error, std::string_view text) {
  return std::string_view(error.what()).find(text) != std::string_view::npos;
}

std::vector<Index> numbers(std::size_t n) {
  std::vector<Index> all;
  for (std::size_t i = 0; i < n; ++i) all.push_back(static_cast<Index>(i));
  return all;
}

/// Positions a step apart on a square.
std::vector<PointYX> raster(Index n, double step_A) {
  std::vector<PointYX> positions_A;
  for (Index y = 0; y < n; ++y)
    for (Index x = 0; x < n; ++x)
      positions_A.push_back({step_A * static_cast<double>(y), step_A * static_cast<double>(x)});
  return positions_A;
}

const Grid window{.ny = 32, .nx = 32, .dy_A = 0.2, .dx_A = 0.2};

void place(const std::vector<PointYX>& positions_A) {
  const std::vector<Index> index = numbers(positions_A.size());
  require_near_zero(positions_A, index, window);
  require_scan(span_of(positions_A), window);
  require_together(positions_A, index, window, enclose(positions_A, window, 4).frame, 8);
}

bool refuses(const std::vector<PointYX>& positions_A, std::string_view text) {
  try {
    place(positions_A);
  } catch (const InputError& error) {
    BOOST_TEST(error.agreed());
    return says(error, text);
  }
  return false;
}

std::string doubts(const std::vector<double>& counts, double counts_per_electron = 1) {
  const std::vector<double> valid(8, 1.0);
  std::string all;
  for (const std::string& doubt : doubtful_counts(counts, valid, counts_per_electron)) all += doubt;
  return all;
}

/// Whole numbers from 0 on, and a function of each.
template <class Function>
std::vector<double> mapped(const Function& function) {
  std::vector<double> values;
  values.reserve(64);
  for (int i = 0; i < 64; ++i) values.push_back(function(i % 37));
  return values;
}

}  // namespace

BOOST_AUTO_TEST_CASE(shapes_are_those_of_the_scan) {
  const RunOptions options;
  const DataShape raster = data_shape(options, {4, 25, 32, 24}, false),
                  list = data_shape(options, {100, 32, 24}, false);
  BOOST_TEST((raster.per_position({2}) == Shapes{{4, 25, 2}, {100, 2}}));
  BOOST_TEST((list.per_position({2}) == Shapes{{100, 2}}));
  BOOST_TEST((raster.per_position({}) == Shapes{{4, 25}, {100}}));
  BOOST_TEST((raster.pattern == std::vector<Index>{32, 24}));
  const DataShape channels = data_shape(options, {4, 25, 7}, true);
  BOOST_TEST((channels.scan == std::vector<Index>{4, 25} && channels.pattern == std::vector<Index>{7}));
  for (const std::vector<Index>& wrong : Shapes{{}, {0}, {32, 24}, {100, 0, 32}, {0, 32, 32}, {1, 2, 3, 4, 5}})
    BOOST_CHECK_THROW(data_shape(options, wrong, false), InputError);
}

BOOST_AUTO_TEST_CASE(a_scan_lies_together_and_near_zero) {
  std::vector<PointYX> positions_A = raster(10, 0.8);
  BOOST_CHECK_NO_THROW(place(positions_A));
  BOOST_CHECK_NO_THROW(place({{3, 4}}));
  BOOST_TEST(refuses(raster(10, 0), "all 100 positions are the same"));
  BOOST_TEST(refuses(raster(10, 0.8e-10), "less than one pixel"));
  positions_A[37] = {2, 1e5};
  BOOST_TEST(refuses(positions_A, "position 37 lies at (2, 100000) A"));
  BOOST_TEST(refuses(positions_A, "the object of 76 x 500040 pixels needs 0.283 GiB"));
  positions_A[37] = {2, 1e19};
  BOOST_TEST(refuses(positions_A, "position 37 lies at (2, 1e+19) A, too far from 0"));
  for (PointYX& p : positions_A) p.x += 1e15;
  BOOST_TEST(refuses(positions_A, "position 0 lies at"));
}

BOOST_AUTO_TEST_CASE(counts_are_whole_electrons) {
  BOOST_TEST(doubts(mapped([](int i) { return i; })) == "");
  BOOST_TEST(doubts(mapped([](int i) { return 0.3 * i; })) == "");  // another number of counts per electron
  BOOST_TEST(doubts(mapped([](int i) {
               const auto root = static_cast<float>(std::sqrt(i));
               return root * root;  // as they are read where data.values says so
             })) == "");
  BOOST_TEST(doubts(mapped([](int i) { return 0.01 * i; })).find("whole electron") != std::string::npos);
  BOOST_TEST(doubts(mapped([](int i) { return i; }), 100).find("whole electron") != std::string::npos);
  BOOST_TEST(doubts(mapped([](int i) { return static_cast<float>(std::sqrt(i)); })).find("square roots") !=
             std::string::npos);
  BOOST_TEST(doubts(mapped([](int i) { return static_cast<float>(std::log1p(i)); })).find("logarithms") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_transmission_lets_electrons_through_and_a_probe_is_none) {
  std::vector<std::complex<double>> object, probe;
  for (Index i = 0; i < 4096; ++i) {
    object.push_back(std::polar(1 + 0.1 * normal(1, i), normal(2, i)));
    probe.emplace_back(std::exp(-static_cast<double>((i % 64 - 32) * (i % 64 - 32)) / 20));
  }
  BOOST_TEST(!no_transmission(object).has_value());
  for (const double scale : {1e-3, 5.0, 100.0}) {
    std::vector<std::complex<double>> scaled = probe;
    for (auto& value : scaled) value *= scale;
    BOOST_TEST(no_transmission(scaled).has_value(), scale);
  }
  BOOST_TEST(!no_phase(std::vector<double>{-3, 40, 0}).has_value());
  BOOST_TEST(no_phase(std::vector<double>{-3, 40, 5e3}).has_value());
}

BOOST_AUTO_TEST_CASE(names_of_sources_count) {
  BOOST_TEST(counted_name("part%b.h5", 12) == "part12.h5");
  BOOST_TEST(counted_name("100%%_%b", 3) == "100%_3");
  BOOST_TEST(counted_name("plain.h5", 3) == "plain.h5");
}

}  // namespace tessera::testing
