// ranks: 1 2 3
// Sums whose bits do not depend on the number of ranks, and principal components against those of the whole matrix.

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "src/workflow/preprocess/exact_sums.hpp"
#include "src/workflow/preprocess/principal.hpp"
#include "tests/support/noise.hpp"

using namespace tessera;

namespace {

constexpr Index patterns = 60, pixels = 40;

/// A few directions of falling strength, and noise.
double value(Index pattern, Index pixel) {
  double sum = 0.01 * testing::normal(1, pattern * pixels + pixel);
  for (Index k = 0; k < 6; ++k)
    sum += std::pow(0.5, k) * testing::normal(2, pattern * 6 + k) * testing::normal(3, pixel * 6 + k);
  return sum;
}

/// The patterns of this rank, the last one first.
EachPattern patterns_of(const Comm& comm) {
  return [&comm](const std::function<void(std::span<const double>)>& use) {
    for (Index i = patterns - 1 - comm.rank(); i >= 0; i -= comm.size()) {
      std::vector<double> pattern;
      for (Index q = 0; q < pixels; ++q) pattern.push_back(value(i, q));
      use(pattern);
    }
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(preprocess_basis)

BOOST_AUTO_TEST_CASE(sums_have_the_same_bits_in_any_order) {
  const Comm all(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  constexpr Index n = 3000;
  const auto number = [](Index i) { return testing::normal(9, i) * std::pow(10.0, static_cast<double>(i % 9) - 6); };
  ExactSums shared(1, 300), whole(1, 300), backwards(1, 300);
  double plain = 0;
  for (Index i = all.rank(); i < n; i += all.size()) shared.add(0, number(i));
  for (Index i = 0; i < n; ++i) {
    whole.add(0, number(i));
    backwards.add(0, number(n - 1 - i));
    plain += number(i);
  }
  const double sum = whole.total(alone).front();
  BOOST_TEST(shared.total(all).front() == sum);
  BOOST_TEST(backwards.total(alone).front() == sum);
  BOOST_TEST(std::abs(sum - plain) < 1e-9);
}

BOOST_AUTO_TEST_CASE(whole_numbers_are_added_exactly_with_their_weights) {
  const Comm all(MPI_COMM_WORLD);
  ExactSums general(3, 60000), whole(3, 60000, true);
  const std::vector<double> weights = {1, 0};
  double sum = 0;
  for (Index i = all.rank(); i < 5000; i += all.size()) {
    const std::vector<double> counts = {static_cast<double>(i * 7919 % 65536), 12};
    general.add(1, counts, weights);
    whole.add(1, counts, weights);
    sum += counts[0];
    BOOST_REQUIRE(weighted_sum(counts, weights) == counts[0]);
  }
  const std::vector<double> expected = {0, all.sum(sum), 0};
  BOOST_TEST(general.total(all) == expected, boost::test_tools::per_element());
  BOOST_TEST(whole.total(all) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(components_are_those_of_the_whole_matrix_on_any_number_of_ranks) {
  const Comm all(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  constexpr Index channels = 4;
  std::vector<double> scale, square(pixels, 0.0), covariance(pixels * pixels, 0.0);
  for (Index q = 0; q < pixels; ++q) scale.push_back(1 + 0.1 * static_cast<double>(q % 3));
  for (Index i = 0; i < patterns; ++i)
    for (Index q = 0; q < pixels; ++q) {
      const double x = value(i, q) * scale[static_cast<std::size_t>(q)];
      square[static_cast<std::size_t>(q)] += x * x / patterns;
      for (Index p = 0; p < pixels; ++p)
        covariance[static_cast<std::size_t>(q * pixels + p)] +=
            x * value(i, p) * scale[static_cast<std::size_t>(p)] / patterns;
    }
  const PrincipalBasis basis = principal_basis(all, patterns_of(all), scale, square, patterns, channels, 0);
  const PrincipalBasis serial = principal_basis(alone, patterns_of(alone), scale, square, patterns, channels, 0);
  BOOST_TEST(basis.weights == serial.weights);
  BOOST_TEST(basis.values == serial.values);
  const auto entry = [&](Index c, Index q) {
    return basis.weights[static_cast<std::size_t>(c * pixels + q)] / scale[static_cast<std::size_t>(q)];
  };
  double left = basis.total;
  for (Index c = 0; c < channels; ++c) {
    const double strength = basis.values[static_cast<std::size_t>(c)];
    left -= strength;
    if (c > 0) BOOST_TEST(strength < basis.values[static_cast<std::size_t>(c - 1)]);
    double norm = 0, away = 0;
    for (Index q = 0; q < pixels; ++q) {
      double product = 0;
      for (Index p = 0; p < pixels; ++p) product += covariance[static_cast<std::size_t>(q * pixels + p)] * entry(c, p);
      away += std::pow(product - strength * entry(c, q), 2);
      norm += entry(c, q) * entry(c, q);
    }
    BOOST_TEST(std::abs(norm - 1) < 1e-5);
    BOOST_TEST(std::sqrt(away) < 1e-3 * basis.values.front());  // C v = lambda v
  }
  // Six directions, each with a quarter of the square of the one before, and noise: what is left is of two, at most.
  BOOST_TEST(left > 0);
  BOOST_TEST(left < 0.02 * basis.total);
}

BOOST_AUTO_TEST_SUITE_END()
