// ranks: 1
// Sums over a sparse matrix, its transpose, and whitening, against plain loops over dense ones.
#include <boost/test/unit_test.hpp>

#include "src/base/error.hpp"
#include "src/model/virtual_detectors.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

namespace {

constexpr Index pixels = 30, channels = 9;
const auto close = boost::test_tools::tolerance(1e-11);

std::vector<double> dense(const VirtualDetectors& from, Index columns) {
  std::vector<double> values(static_cast<std::size_t>(from.channels * columns), 0.0);
  for (Index i = 0; i < from.channels; ++i)
    for (Index k = from.start[i]; k < from.start[i + 1]; ++k) values[i * columns + from.pixel[k]] += from.weight[k];
  return values;
}

std::vector<double> mean_pattern() {
  std::vector<double> mean;
  for (Index q = 0; q < pixels; ++q) mean.push_back(0.3 + 0.1 * static_cast<double>(q % 7));
  return mean;
}

/// V diag(mean) W^T [i, j]
double covariance(const std::vector<double>& v, const std::vector<double>& w, Index i, Index j) {
  const std::vector<double> mean = mean_pattern();
  double sum = 0;
  for (Index q = 0; q < pixels; ++q) sum += v[i * pixels + q] * mean[q] * w[j * pixels + q];
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sums_and_transpose_are_those_of_the_dense_matrix) {
  const VirtualDetectors v = virtual_sets(1, pixels, true)->front();
  const std::vector<double> all = dense(v, pixels), mean = mean_pattern(), sums = record(v, mean);
  const std::vector<double> turned = dense(transpose(v, pixels), channels), back = spread(v, sums, pixels);
  for (Index i = 0; i < channels; ++i) {
    double sum = 0;
    for (Index q = 0; q < pixels; ++q) sum += all[i * pixels + q] * mean[q];
    BOOST_TEST(sums[i] == sum, close);
  }
  for (Index q = 0; q < pixels; ++q) {
    double sum = 0;
    for (Index i = 0; i < channels; ++i) {
      BOOST_TEST(turned[q * channels + i] == all[i * pixels + q]);
      sum += all[i * pixels + q] * sums[i];
    }
    BOOST_TEST(back[q] == sum, close);
  }
}

BOOST_AUTO_TEST_CASE(white_channels_have_variance_one_and_no_correlation) {
  const VirtualDetectors v = virtual_sets(1, pixels, true)->front();
  const Whitening whitening(v, mean_pattern());
  const std::vector<double> white = dense(whitening.whiten(v), pixels);
  for (Index i = 0; i < channels; ++i)
    for (Index j = 0; j < channels; ++j)
      BOOST_TEST(std::abs(covariance(white, white, i, j) - (i == j ? 1 : 0)) < 1e-11);
  // The same L^-1 on channels: L^-1 (V y) = (L^-1 V) y.
  std::vector<double> y(mean_pattern()), c;
  for (std::size_t q = 0; q < y.size(); q += 3) y[q] = -2;
  c = record(v, y);
  whitening.whiten(c);
  const std::vector<double> other = record(whitening.whiten(v), y);
  for (Index i = 0; i < channels; ++i) BOOST_TEST(c[i] == other[i], close);
}

BOOST_AUTO_TEST_CASE(weighing_solves_with_the_covariance) {
  const VirtualDetectors v = virtual_sets(1, pixels, true)->front();
  const std::vector<double> all = dense(v, pixels), c{1, -2, 3, 0, 5, -1, 2, 2, 7};
  const std::vector<double> x = Whitening(v, mean_pattern()).weigh(c);
  for (Index i = 0; i < channels; ++i) {
    double sum = 0;
    for (Index j = 0; j < channels; ++j) sum += covariance(all, all, i, j) * x[j];
    BOOST_TEST(std::abs(sum - c[i]) < 1e-9);
  }
}

/// Segments do not overlap: white ones are as sparse.
BOOST_AUTO_TEST_CASE(what_does_not_overlap_stays_sparse) {
  const VirtualDetectors v{.channels = 2, .start = {0, 2, 3}, .pixel = {4, 5, 9}, .weight = {1, 1, 2}};
  const VirtualDetectors white = Whitening(v, std::vector<double>(pixels, 8.0)).whiten(v);
  BOOST_TEST((white.start == v.start && white.pixel == v.pixel));
  BOOST_TEST(white.weight[0] == 0.25, close);
  BOOST_TEST(white.weight[2] == 2 / std::sqrt(32.0), close);
}

BOOST_AUTO_TEST_CASE(channels_that_say_nothing_new_are_refused) {
  const VirtualDetectors twice{.channels = 2, .start = {0, 2, 4}, .pixel = {4, 5, 4, 5}, .weight = {1, 1, -2, -2}};
  const VirtualDetectors dark{.channels = 2, .start = {0, 1, 2}, .pixel = {0, 1}, .weight = {1, 1}};
  std::vector<double> mean(pixels, 1.0);
  BOOST_CHECK_THROW(Whitening(twice, mean), InputError);
  mean[1] = 0;
  BOOST_CHECK_THROW(Whitening(dark, mean), InputError);
}

}  // namespace tessera::testing
