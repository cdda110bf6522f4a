#include "src/optimisation/held_directions.hpp"

#include <cmath>
#include <numeric>

namespace tessera {

HeldDirections::HeldDirections(const Comm& comm, std::vector<std::vector<double>> directions) : comm_(comm) {
  constexpr double spanned = 1e-8;
  const auto norm = [&](const std::vector<double>& values) {
    return std::sqrt(comm.sum(std::inner_product(values.begin(), values.end(), values.begin(), 0.0)));
  };
  for (std::vector<double>& direction : directions) {
    const double before = norm(direction);
    for (int twice = 0; twice < 2; ++twice) remove(direction);  // Gram and Schmidt's rounding goes with the second
    const double length = norm(direction);
    if (length <= spanned * before) continue;
    for (double& value : direction) value /= length;
    directions_.push_back(std::move(direction));
  }
}

void HeldDirections::remove(std::span<double> values) const {
  if (directions_.empty()) return;
  std::vector<double> along;
  for (const std::vector<double>& direction : directions_)
    along.push_back(std::inner_product(values.begin(), values.end(), direction.begin(), 0.0));
  comm_.sum(along);
  for (std::size_t m = 0; m < along.size(); ++m)
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= along[m] * directions_[m][i];
}

}  // namespace tessera
