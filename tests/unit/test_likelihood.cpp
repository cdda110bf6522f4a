// ranks: 1
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>

#include "kernels/likelihood.hpp"
#include "src/arrays/array.hpp"
#include "tests/support/devices.hpp"

namespace tessera::testing {

namespace {

const std::vector<std::uint32_t> counts{0, 1, 10, 10'000, 1'000'000};
constexpr Index sigmas = 43;  ///< -10.5, -10, ... 10.5: vectors and what is left of a row

/// Models off each count by whole and half standard deviations; [count, sigma].
template <class Real>
std::vector<Real> models() {
  std::vector<Real> mu;
  for (const double n : counts)
    for (Index i = 0; i < sigmas; ++i) {
      const Index halves = i - sigmas / 2;
      const double off = 0.5 * static_cast<double>(halves);
      mu.push_back(static_cast<Real>(std::max(0.0, n + off * std::sqrt(std::max(1.0, n)))));
    }
  return mu;
}

struct ValueAndSlope {
  long double value, slope;
};

ValueAndSlope exact(const Loss& loss, long double m, long double n) {
  if (loss.kind == LossKind::gaussian) {
    const long double variance = std::max(n, 1.0L);
    return {(m - n) * (m - n) / (2 * variance), (m - n) / variance};
  }
  if (loss.kind == LossKind::weighted) return {(m - n) * (m - n) / 2, m - n};
  const long double e = loss.kind == LossKind::anscombe ? 0.375L : loss.epsilon, d = (m - n) / (n + e);
  if (loss.kind == LossKind::poisson) return {(n + e) * (d - std::log1p(d)), (m - n) / (m + e)};
  const long double difference = (m - n) / (std::sqrt(m + e) + std::sqrt(n + e));
  return {2 * difference * difference, 2 * difference / std::sqrt(m + e)};
}

using Precisions = boost::mpl::list<float, double>;

}  // namespace

/// The sum over a detector of 10^5 pixels shall still tell a step of the solver from rounding.
BOOST_AUTO_TEST_CASE_TEMPLATE(losses_and_slopes_do_not_cancel_at_any_count, Real, Precisions) {
  const auto rows = static_cast<Index>(counts.size());
  const std::vector<Real> mu = models<Real>();
  const auto bound = 10 * static_cast<long double>(std::numeric_limits<Real>::epsilon());
  for (const DeviceKind device : devices)
    for (const LossKind kind :
         {LossKind::poisson, LossKind::amplitude, LossKind::anscombe, LossKind::gaussian, LossKind::weighted}) {
      std::vector<std::uint32_t> stored;
      for (const std::uint32_t n : counts) stored.insert(stored.end(), sigmas, n);
      const Array<std::uint32_t> patterns = make_array(device, stored);
      const Array<Real> model = make_array(device, mu), valid = make_array(device, std::vector<Real>(mu.size(), 1));
      Array<Real> value(device, rows * sigmas), slope(device, rows * sigmas);
      const Loss loss{.kind = kind};
      likelihood<Real>(device, loss, {patterns.data(), PixelType::uint32, 1}, valid.view(1, rows, sigmas),
                       model.view(1, rows, sigmas), value.view(1, rows, sigmas), {}, slope.view(1, rows, sigmas));
      const std::vector<Real> values = value.to_vector(), slopes = slope.to_vector();
      for (std::size_t i = 0; i < mu.size(); ++i) {
        const ValueAndSlope truth = exact(loss, mu[i], stored[i]);
        BOOST_TEST_INFO_SCOPE("loss " << static_cast<int>(kind) << ", count " << stored[i] << ", model " << mu[i]);
        BOOST_TEST(std::abs(values[i] - truth.value) <= bound * truth.value);
        BOOST_TEST(std::abs(slopes[i] - truth.slope) <= bound * std::abs(truth.slope));
      }
    }
}

}  // namespace tessera::testing
