// ranks: 1
// Pieces that stay in a cache cover everything once, in order.
#include <boost/test/unit_test.hpp>

#include "src/base/cache_blocks.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(pieces_follow_each_other_to_the_end) {
  for (const std::size_t n : {0, 1, 1023, 1024, 1025, 5000}) {
    std::size_t reached = 0;
    in_cache_blocks(n, [&](std::size_t first, std::size_t last) {
      BOOST_TEST(first == reached);
      BOOST_TEST(last > first);
      BOOST_TEST(last - first <= 1024);
      reached = last;
    });
    BOOST_TEST(reached == n);
  }
}
