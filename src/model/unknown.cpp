#include "src/model/unknown.hpp"

namespace tessera {

Index Unknown::count(Extent extent, Index positions) const {
  Index product = extent == Extent::position ? positions : 1;
  for (const Index length : shape()) product *= length;
  return product;
}

std::vector<double> Unknown::start() const { return {}; }

void add_scaled(std::span<const double> values, double factor, std::vector<double>& to) {
  to.resize(values.size(), 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) to[i] += factor * values[i];
}

}  // namespace tessera
