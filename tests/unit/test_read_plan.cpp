// ranks: 1
// Who reads what of a dataset of patterns, and in which pieces.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "io/read_patterns.hpp"
#include "io/read_plan.hpp"
#include "src/workflow/input/load_patterns.hpp"

namespace tessera::testing {

namespace data = boost::unit_test::data;

namespace {

PatternLayout layout_of(std::vector<Index> shape, std::vector<Index> chunk) {
  PatternLayout layout;
  layout.info.shape = std::move(shape);
  layout.info.chunk = std::move(chunk);
  layout.memory_type = StoredType::u16;
  layout.file_pixel_bytes = 2;
  return layout;
}

std::vector<Index> all_groups(const PatternLayout& layout) {
  std::vector<Index> groups(static_cast<std::size_t>(layout.n_groups()));
  std::iota(groups.begin(), groups.end(), Index{0});
  return groups;
}

/// How many blocks hold each position. [pattern]
std::vector<int> covered(const PatternLayout& layout, const std::vector<Box>& blocks) {
  std::vector<int> times(static_cast<std::size_t>(layout.n_patterns()), 0);
  for (const Box& block : blocks)
    for (Index y = block.y0; y < block.y1; ++y)
      for (Index x = block.x0; x < block.x1; ++x) ++times[static_cast<std::size_t>(y * layout.columns() + x)];
  return times;
}

struct Case {
  const char* name;
  PatternLayout layout;
  std::size_t n_blocks;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

// Patterns of 128 x 128 pixels take 32 KiB: a block holds 128 of them.
const std::vector<Case> cases{
    {"contiguous rows go together", layout_of({64, 64, 128, 128}, {}), 32},
    {"a contiguous list", layout_of({1000, 128, 128}, {}), 8},
    {"row chunks go together", layout_of({64, 60, 128, 128}, {1, 60, 128, 128}), 32},
    {"square chunks side by side", layout_of({64, 64, 128, 128}, {4, 8, 128, 128}), 32},
    {"a group larger than a block, by rows", layout_of({64, 64, 128, 128}, {64, 64, 32, 32}), 32},
    {"a group of a list", layout_of({1000, 128, 128}, {500, 128, 128}), 8},
    {"rows longer than a block", layout_of({2, 200, 128, 128}, {2, 200, 128, 128}), 4},
    {"patterns larger than a block", layout_of({2, 3, 2048, 2048}, {}), 6}};

}  // namespace

BOOST_DATA_TEST_CASE(blocks_cover_every_position_once_in_the_order_of_the_file, data::make(cases), c) {
  const std::vector<Box> blocks = read_blocks(c.layout, all_groups(c.layout));
  BOOST_TEST(blocks.size() == c.n_blocks);
  for (const int times : covered(c.layout, blocks)) BOOST_REQUIRE(times == 1);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    BOOST_TEST(blocks[i].count() * c.layout.pattern_bytes() <= largest_block_bytes(c.layout));
    const auto first = [&](const Box& box) { return c.layout.group_of(box.y0 * c.layout.columns() + box.x0); };
    if (i > 0) BOOST_TEST(first(blocks[i]) >= first(blocks[i - 1]));
  }
}

BOOST_AUTO_TEST_CASE(the_tile_of_a_rank_is_read_in_rectangles) {
  const PatternLayout layout = layout_of({64, 64, 128, 128}, {});
  std::vector<Index> tile;
  for (Index y = 10; y < 50; ++y)
    for (Index x = 32; x < 64; ++x) tile.push_back(y * 64 + x);
  const std::vector<Box> blocks = read_blocks(layout, tile);
  BOOST_TEST(blocks.size() == 10);
  BOOST_TEST((blocks.front() == Box{10, 32, 14, 64}));
}

BOOST_AUTO_TEST_CASE(chunks_are_kept_only_where_a_block_does_not_hold_their_group) {
  const Index gib = Index{1} << 30;
  BOOST_TEST(chunk_cache_bytes(layout_of({64, 64, 128, 128}, {})) == 0);
  BOOST_TEST(chunk_cache_bytes(layout_of({64, 64, 128, 128}, {1, 64, 128, 128})) == 0);
  const PatternLayout kept = layout_of({64, 64, 128, 128}, {64, 64, 32, 32});
  BOOST_TEST(chunk_cache_bytes(kept) == Index{128} << 20);
  BOOST_TEST(decompressed_bytes(kept, 1, 32) == static_cast<double>(Index{128} << 20));
  const PatternLayout giant = layout_of({256, 256, 128, 128}, {256, 256, 8, 8});
  BOOST_TEST(giant.group_bytes() == 2 * gib);
  BOOST_TEST(chunk_cache_bytes(giant) == 0);
  const std::vector<Box> blocks = read_blocks(giant, all_groups(giant));
  BOOST_TEST(blocks.size() == 4);
  BOOST_TEST(decompressed_bytes(giant, 1, 4) == static_cast<double>(8 * gib));
}

BOOST_AUTO_TEST_CASE(groups_are_read_by_those_who_need_them_in_equal_shares) {
  const PatternLayout layout = layout_of({64, 64, 8, 8}, {1, 64, 8, 8});
  std::vector<int> owner(64 * 64, -1);  // two by two tiles; nobody needs the last rows
  for (Index y = 0; y < 60; ++y)
    for (Index x = 0; x < 64; ++x) owner[static_cast<std::size_t>(y * 64 + x)] = static_cast<int>(y / 30 * 2 + x / 32);
  const std::vector<int> reader = group_readers(layout, owner, 4);
  std::vector<int> shares(4, 0);
  for (Index row = 0; row < 64; ++row) {
    if (row >= 60) {
      BOOST_TEST(reader[row] == -1);
      continue;
    }
    BOOST_TEST(reader[row] / 2 == row / 30);
    ++shares[reader[row]];
  }
  BOOST_TEST(shares == std::vector<int>(4, 15), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_warning_names_the_cause) {
  BOOST_TEST(!read_warning({.asked = 10, .once = 12, .read = 12}, "/data").has_value());
  const std::string unused = read_warning({.asked = 10, .once = 30, .read = 30}, "/data").value();
  BOOST_TEST(unused.find("3.0 times") == 0);
  BOOST_TEST(unused.find("not used") != std::string::npos);
  const std::string again = read_warning({.asked = 10, .once = 10, .read = 80}, "/data").value();
  BOOST_TEST(again.find("was read 8.0 times") != std::string::npos);
}

}  // namespace tessera::testing
