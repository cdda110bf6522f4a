// ranks: 1
// Patterns become lists of the pixels that electrons hit.

#include <boost/test/unit_test.hpp>

#include "src/base/error.hpp"
#include "src/workflow/preprocess/event_round.hpp"

using namespace tessera;
using boost::test_tools::per_element;

namespace {

std::function<std::string()> named(const char* name) {
  return [name] { return std::string(name); };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_round)

BOOST_AUTO_TEST_CASE(lists_lie_in_the_order_of_the_patterns_whatever_came_first) {
  EventRound round({1, 1, 1, 0});
  round.begin(3);
  round.put(2, std::vector<double>{0, 0, 3, 0}, named("the third"));
  round.put(0, std::vector<double>{1, 0, 1, 4}, named("the first"));  // what the mask leaves out is not listed
  const std::vector<std::uint32_t> counts = {2, 0, 3};
  const std::vector<std::uint16_t> pixels = {0, 2, 2, 2, 2};
  const std::vector<std::uint32_t> wide(pixels.begin(), pixels.end());
  BOOST_TEST(round.counts() == counts, per_element());
  BOOST_TEST(round.pixels<std::uint16_t>() == pixels, per_element());
  BOOST_TEST(round.pixels<std::uint32_t>() == wide, per_element());
  BOOST_TEST(round.largest() == 3);
}

BOOST_AUTO_TEST_CASE(a_round_forgets_the_patterns_before_it_but_not_their_largest_count) {
  EventRound round({1, 1, 1, 1});
  round.begin(2);
  round.put(1, std::vector<double>{0, 4, 0, 0}, named("the second"));
  round.begin(1);
  BOOST_TEST(round.pixels<std::uint32_t>().empty());
  round.put(0, std::vector<double>{0, 0, 0, 1}, named("the third"));
  BOOST_TEST(round.counts() == std::vector<std::uint32_t>{1}, per_element());
  BOOST_TEST(round.pixels<std::uint32_t>() == std::vector<std::uint32_t>{3}, per_element());
  BOOST_TEST(round.largest() == 4);
}

BOOST_AUTO_TEST_CASE(a_pattern_with_more_electrons_than_pixels_is_refused_by_its_name) {
  EventRound round({1, 1, 1, 0});
  round.begin(1);
  round.put(0, std::vector<double>{2, 1, 1, 90}, named("enough"));  // the last pixel is not valid
  BOOST_CHECK_EXCEPTION(round.put(0, std::vector<double>{2, 2, 1, 0}, named("pattern 17")), InputError,
                        [](const InputError& error) {
                          const std::string text = error.what();
                          return error.code() == ExitCode::data_wrong &&
                                 text.find("pattern 17 has 5 electrons, more than its 4 pixels") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
