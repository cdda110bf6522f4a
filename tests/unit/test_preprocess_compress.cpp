// ranks: 1
// Which pixels the sums of compression hold.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "src/workflow/preprocess/compress.hpp"

using namespace tessera;

namespace {

constexpr Index n = 33;

/// How often each pixel is counted, by its weights.
std::vector<double> total_weights(const VirtualDetectors& sums) {
  return spread(sums, std::vector<double>(static_cast<std::size_t>(sums.channels), 1.0), n * n);
}

std::vector<double> all_but_one() {
  std::vector<double> valid(n * n, 1.0);
  valid[10 * n + 12] = 0;
  return valid;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(preprocess_compress)

BOOST_AUTO_TEST_CASE(blocks_hold_each_valid_pixel_once_but_for_a_rest) {
  const VirtualDetectors blocks = block_sums(all_but_one(), n, n, 4);
  BOOST_TEST(blocks.channels == 64);
  const std::vector<double> counted = total_weights(blocks);
  const std::vector<std::uint32_t> labels = labels_of(blocks, n * n);
  for (Index i = 0; i < n * n; ++i) {
    const bool inside = i / n < 32 && i % n < 32 && i != 10 * n + 12;
    BOOST_TEST(counted[i] == (inside ? 1 : 0));
    BOOST_TEST(labels[i] == (inside ? static_cast<std::uint32_t>(i / n / 4 * 8 + i % n / 4 + 1) : 0U));
  }
}

BOOST_AUTO_TEST_CASE(segments_are_rings_cut_into_azimuths) {
  const std::vector<double> rings = {3, 7.5, 12};
  const std::vector<Index> azimuths = {1, 4, 6};
  const VirtualDetectors segments = segment_sums(all_but_one(), n, n, rings, azimuths);
  BOOST_TEST(segments.channels == 11);
  const std::vector<std::uint32_t> labels = labels_of(segments, n * n);
  for (Index i = 0; i < n * n; ++i) {
    const Index row = i / n - 16, column = i % n - 16;
    const auto y = static_cast<double>(row), x = static_cast<double>(column), r = std::hypot(y, x);
    std::uint32_t expected = 0;
    if (r < 3) expected = 1;
    if (r >= 3 && r < 7.5) expected = y >= 0 ? (x > 0 ? 2U : y == 0 ? 4U : 3U) : (x < 0 ? 4U : 5U);
    if (i == 10 * n + 12) expected = 0;
    if (r < 7.5) BOOST_TEST(labels[i] == expected);
    BOOST_TEST((labels[i] == 0) == (r >= 12 || i == 10 * n + 12));
  }
  // A ring without a pixel leaves no channel.
  const std::vector<double> thin = {3.01, 3.05, 8};
  const std::vector<Index> two = {2};
  BOOST_TEST(segment_sums(all_but_one(), n, n, thin, two).channels == 4);
}

BOOST_AUTO_TEST_CASE(smooth_sums_share_every_pixel_out) {
  std::vector<double> mean;
  for (Index y = -16; y < n - 16; ++y)
    for (Index x = -16; x < n - 16; ++x) mean.push_back(y * y + x * x < 36 ? 9 : 0.04);
  for (const Index channels : {1, 5, 24, 64}) {
    const VirtualDetectors smooth = smooth_sums(mean, all_but_one(), n, n, channels);
    BOOST_TEST(smooth.channels == channels);
    const std::vector<double> counted = total_weights(smooth);
    for (Index i = 0; i < n * n; ++i) BOOST_TEST(std::abs(counted[i] - (i == 10 * n + 12 ? 0 : 1)) < 1e-6);
  }
  // Most of the light's root lies within 6 pixels: so do most of the middles of channels.
  const VirtualDetectors smooth = smooth_sums(mean, all_but_one(), n, n, 24);
  const std::vector<double> light = record(smooth, mean);
  BOOST_TEST(std::ranges::count_if(light, [](double c) { return c > 20; }) >= 8);
}

BOOST_AUTO_TEST_CASE(random_weights_depend_on_seed_channel_and_pixel_alone) {
  const VirtualDetectors few = random_sums(all_but_one(), 3, 5), more = random_sums(all_but_one(), 6, 5);
  BOOST_TEST(few.channels == 3);
  BOOST_TEST(std::equal(few.weight.begin(), few.weight.end(), more.weight.begin()));
  BOOST_TEST(few.weight != random_sums(all_but_one(), 3, 6).weight);
  BOOST_TEST(std::ranges::all_of(few.weight, [](double w) { return w >= -1 && w < 1 && static_cast<float>(w) == w; }));
  const double mean =
      std::accumulate(more.weight.begin(), more.weight.end(), 0.0) / static_cast<double>(more.weight.size());
  BOOST_TEST(std::abs(mean) < 0.03);
}

BOOST_AUTO_TEST_CASE(sums_of_your_own_lose_what_is_not_valid) {
  const VirtualDetectors given{
      .channels = 2, .start = {0, 2, 4}, .pixel = {10 * n + 12, 7, 7, 8}, .weight = {1, 1, -2, 0.5}};
  const VirtualDetectors left = valid_part(given, all_but_one(), "detectors");
  BOOST_TEST(left.start == (std::vector<Index>{0, 1, 3}));
  BOOST_TEST(left.pixel == (std::vector<Index>{7, 7, 8}));
  BOOST_TEST(left.weight == (std::vector<double>{1, -2, 0.5}));
  VirtualDetectors none = given;
  none.start = {0, 1, 4};
  BOOST_CHECK_THROW(valid_part(none, all_but_one(), "detectors"), InputError);
  VirtualDetectors huge = given;
  huge.weight[3] = 1e39;
  BOOST_CHECK_THROW(valid_part(huge, all_but_one(), "detectors"), InputError);
}

BOOST_AUTO_TEST_CASE(whole_pixels_of_one_channel_each_are_labels_and_few_weights_are_sparse) {
  const std::vector<double> valid(n * n, 1.0);
  const Index pixels = n * n;
  BOOST_TEST((layout_of(block_sums(valid, n, n, 4), pixels) == SumsLayout::labels));
  BOOST_TEST((layout_of(segment_sums(valid, n, n, std::vector<double>{4, 9}, std::vector<Index>{5}), pixels) ==
              SumsLayout::labels));
  BOOST_TEST((layout_of(smooth_sums(valid, valid, n, n, 40), pixels) == SumsLayout::sparse));
  BOOST_TEST((layout_of(random_sums(valid, 3, 1), pixels) == SumsLayout::dense));
  const VirtualDetectors shared{.channels = 2, .start = {0, 1, 2}, .pixel = {3, 3}, .weight = {1, 1}};
  BOOST_TEST((layout_of(shared, pixels) == SumsLayout::sparse));
}

BOOST_AUTO_TEST_SUITE_END()
