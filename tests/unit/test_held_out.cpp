// ranks: 1
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "src/model/data_term.hpp"
#include "src/optimisation/held_out_watch.hpp"

using namespace tessera;

namespace {

/// The part of a million pixels in patterns of 1,000 that a choice holds out.
double found_share(const HeldOutChoice& choice) {
  std::vector<Index> names(1000);
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = static_cast<Index>(i);
  HeldOut rule = held_out_rule(choice);
  rule.names = names.data();
  double held_out = 0;
  for (Index p = 0; p < 1000; ++p)
    for (Index pixel = 0; pixel < 1000; ++pixel) held_out += rule.holds(p, pixel) ? 1 : 0;
  return held_out / 1e6;
}

/// Pixels of a pattern of that name.
std::vector<bool> held_out_of(const HeldOutChoice& choice, Index name) {
  HeldOut rule = held_out_rule(choice);
  rule.names = &name;
  std::vector<bool> held_out;
  for (Index pixel = 0; pixel < 1000; ++pixel) held_out.push_back(rule.holds(0, pixel));
  return held_out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_share_is_held_out) {
  for (const double share : {0.01, 0.05, 0.2, 0.5}) {
    const double sigma = std::sqrt(share * (1 - share));
    BOOST_TEST(std::abs(found_share({.share = share}) - share) < 4 * sigma / 1e3);
    BOOST_TEST(std::abs(found_share({.share = share, .whole_patterns = true}) - share) < 4 * sigma / std::sqrt(1e3));
  }
  BOOST_TEST(found_share({}) == 0);
}

BOOST_AUTO_TEST_CASE(patterns_and_seeds_have_their_own_pixels) {
  const HeldOutChoice choice{.share = 0.3, .seed = 4};
  BOOST_TEST((held_out_of(choice, 17) == held_out_of(choice, 17)));
  BOOST_TEST((held_out_of(choice, 17) != held_out_of(choice, 18)));
  BOOST_TEST((held_out_of(choice, 17) != held_out_of({.share = 0.3, .seed = 5}, 17)));
  HeldOut rule = held_out_rule(choice);
  const Index name = 17;
  rule.names = &name;
  const HeldOut others = rule.others();
  for (Index pixel = 0; pixel < 1000; ++pixel) BOOST_TEST(rule.holds(0, pixel) != others.holds(0, pixel));
}

BOOST_AUTO_TEST_CASE(of_whole_patterns_all_pixels_or_none_are_held_out) {
  for (Index name = 0; name < 50; ++name) {
    const std::vector<bool> pixels = held_out_of({.share = 0.5, .whole_patterns = true}, name);
    BOOST_TEST((pixels == std::vector<bool>(1000, pixels[0])));
  }
}

BOOST_AUTO_TEST_CASE(a_loss_turns_when_no_new_minimum_comes_for_a_while) {
  BOOST_TEST(!has_turned({}, 0, 3));
  const std::vector<double> falls{9, 8, 7, 6, 5, 4, 3};
  BOOST_TEST(!has_turned(falls, 0, 1));
  const std::vector<double> rises{9, 4, 5, 6, 7};
  BOOST_TEST(has_turned(rises, 0, 3));
  BOOST_TEST(!has_turned(rises, 0, 4));
  BOOST_TEST(!has_turned(rises, 2, 3));  // an unknown began at 2
  BOOST_TEST(has_turned(rises, 2, 2));
  const std::vector<double> noisy{9, 4, 5, 6, 3.9, 5, 6};
  BOOST_TEST(!has_turned(noisy, 0, 3));
  BOOST_TEST(has_turned(noisy, 0, 2));
  const std::vector<double> flat{4, 4, 4, 4};  // the first of equal ones counts
  BOOST_TEST(has_turned(flat, 0, 3));
}
