#include "src/model/expected_loss.hpp"

#include <algorithm>
#include <cmath>

namespace tessera {

double pixel_loss(const Loss& loss, double mu, double y) {
  if (loss.kind == LossKind::gaussian) return (mu - y) * (mu - y) / (2 * std::max(y, 1.0));
  if (loss.kind == LossKind::weighted) return (mu - y) * (mu - y) / 2;
  const double epsilon = loss.kind == LossKind::anscombe ? 0.375 : loss.epsilon;
  if (loss.kind == LossKind::poisson) return mu - y - (y + epsilon) * std::log((mu + epsilon) / (y + epsilon));
  const double difference = std::sqrt(mu + epsilon) - std::sqrt(y + epsilon);
  return 2 * difference * difference;
}

ExpectedLossTable expected_loss_table(const Loss& loss) {
  constexpr double lowest = 1e-4, highest = 1e4;
  constexpr int points = 161;
  ExpectedLossTable table{
      .log_first = std::log(lowest), .log_step = std::log(highest / lowest) / (points - 1), .values = {}};
  for (int i = 0; i < points; ++i) {
    const double mu = std::exp(table.log_first + i * table.log_step);
    const double spread = 10 * std::sqrt(mu) + 20;
    const auto first = static_cast<long>(std::max(0.0, std::floor(mu - spread)));
    const auto last = static_cast<long>(std::ceil(mu + spread));
    double expected = 0;
    for (long y = first; y <= last; ++y) {
      const double count = static_cast<double>(y);
      expected += std::exp(count * std::log(mu) - mu - std::lgamma(count + 1)) * pixel_loss(loss, mu, count);
    }
    table.values.push_back(expected);
  }
  return table;
}

}  // namespace tessera
