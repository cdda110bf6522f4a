// ranks: 1
// What a loss is expected to be at the truth, against sums over the Poisson distribution made elsewhere.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/model/expected_loss.hpp"

namespace tessera::testing {

namespace {

struct Known {
  Loss loss;
  double at_0_01, at_1, at_100, at_10000;  ///< electrons
};

}  // namespace

/// numpy: y = arange(...), p = exp(y ln mu - mu - lgamma(y + 1)), sum(p l(mu, y)) with
///   poisson    (mu + e) - (y + e) - (y + e) log((mu + e)/(y + e)), e = 0.1
///   amplitude  2 (sqrt(mu + e) - sqrt(y + e))^2, e = 0.1; anscombe: e = 3/8
///   gaussian   (mu - y)^2/(2 maximum(y, 1))
BOOST_AUTO_TEST_CASE(the_table_holds_the_means_over_poisson_counts) {
  for (const Known& known :
       {Known{{LossKind::poisson, 0.1}, 0.01594853111, 0.4716351756, 0.5003380956, 0.5000033338},
        Known{{LossKind::amplitude, 0.1}, 0.01077965982, 0.5566504685, 0.5017087182, 0.5000168771},
        Known{{LossKind::anscombe, 0.375}, 0.006250748447, 0.3712510891, 0.5003150891, 0.5000031252},
        Known{{LossKind::gaussian, 0}, 0.004950497094, 0.2942337153, 0.5103126387, 0.50010003}}) {
    const ExpectedLossTable table = expected_loss_table(known.loss);
    const auto at = [&](double mu) {  // these lie on the points of the table
      const double place = (std::log(mu) - table.log_first) / table.log_step;
      BOOST_TEST(std::abs(place - std::round(place)) < 1e-9);
      return table.values.at(static_cast<std::size_t>(std::lround(place)));
    };
    BOOST_TEST_CONTEXT("loss " << static_cast<int>(known.loss.kind)) {
      BOOST_TEST(at(1e-2) == known.at_0_01, boost::test_tools::tolerance(1e-8));
      BOOST_TEST(at(1) == known.at_1, boost::test_tools::tolerance(1e-8));
      BOOST_TEST(at(1e2) == known.at_100, boost::test_tools::tolerance(1e-6));
      BOOST_TEST(at(1e4) == known.at_10000, boost::test_tools::tolerance(1e-6));
    }
  }
}

/// E of 1 electron where 4 were counted: ln 4 = 1.386294 and sqrt(1.375), sqrt(4.375) = 1.172604, 2.091650.
BOOST_AUTO_TEST_CASE(losses_of_one_pixel_by_hand) {
  BOOST_TEST(pixel_loss({LossKind::poisson, 0}, 1, 4) == 4 * 1.386294361 - 3, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(pixel_loss({LossKind::amplitude, 0}, 1, 4) == 2.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(pixel_loss({LossKind::anscombe, 9}, 1, 4) == 2 * std::pow(2.0916500663 - 1.1726039400, 2),
             boost::test_tools::tolerance(1e-8));  // its epsilon is 3/8, whatever is asked for
  BOOST_TEST(pixel_loss({LossKind::gaussian, 0}, 1, 4) == 9.0 / 8, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(pixel_loss({LossKind::gaussian, 0}, 2, 0.5) == 1.125, boost::test_tools::tolerance(1e-12));
}

}  // namespace tessera::testing
