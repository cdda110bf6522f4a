#include <boost/test/unit_test.hpp>

#include "src/base/clock.hpp"
#include "src/base/median.hpp"
#include "src/base/words.hpp"

using namespace tessera;

BOOST_AUTO_TEST_CASE(edits_are_counted) {
  BOOST_TEST(edit_distance("kitten", "sitting") == 3U);
  BOOST_TEST(edit_distance("", "abc") == 3U);
  BOOST_TEST(edit_distance("abc", "") == 3U);
  BOOST_TEST(edit_distance("iterations", "itterations") == 1U);
  BOOST_TEST(edit_distance("same", "same") == 0U);
}

BOOST_AUTO_TEST_CASE(the_nearest_word_is_near) {
  BOOST_TEST(nearest_word("slcies", {"scan", "slices", "modes"}) == "slices");
  BOOST_TEST(nearest_word("wavelength", {"a", "bc"}).empty());
}

BOOST_AUTO_TEST_CASE(the_median_is_the_middle) {
  BOOST_TEST(median({5, 1, 100}) == 5.0);
  BOOST_TEST(median({4, 1, 2, 3}) == 3.0);
  BOOST_TEST(median({}) == 0.0);
}

BOOST_AUTO_TEST_CASE(clocks_tell_seconds_and_dates) {
  const double start_s = now_s();
  BOOST_TEST(now_s() >= start_s);
  BOOST_TEST(thread_now_us() > 0.0);
  const std::string now = utc_now();
  BOOST_TEST(now.size() == std::string("2026-01-31T12:00:00Z").size());
  BOOST_TEST(now[10] == 'T');
  BOOST_TEST(now.back() == 'Z');
}
