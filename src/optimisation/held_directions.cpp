#include "src/optimisation/held_directions.hpp"

#include <numeric>
#include <utility>

#include "src/optimisation/orthonormal.hpp"

namespace tessera {

HeldDirections::HeldDirections(const Comm& comm, std::vector<std::vector<double>> directions)
    : comm_(comm), directions_(orthonormal(comm, std::move(directions))) {}

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
