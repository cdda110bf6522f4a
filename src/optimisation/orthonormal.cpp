#include "src/optimisation/orthonormal.hpp"

#include <cmath>
#include <numeric>

namespace tessera {

std::vector<std::vector<double>> orthonormal(const Comm& comm, std::vector<std::vector<double>> vectors) {
  constexpr double spanned = 1e-9;  // of its length
  const auto product = [&](const std::vector<double>& a, const std::vector<double>& b) {
    return comm.sum(std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
  };
  std::vector<std::vector<double>> found;
  for (std::vector<double>& vector : vectors) {
    const double before = std::sqrt(product(vector, vector));
    for (int pass = 0; pass < 2; ++pass)  // what rounding leaves goes with the second
      for (const std::vector<double>& earlier : found) {
        const double along = product(vector, earlier);
        for (std::size_t i = 0; i < vector.size(); ++i) vector[i] -= along * earlier[i];
      }
    const double length = std::sqrt(product(vector, vector));
    if (length <= spanned * before) continue;
    for (double& value : vector) value /= length;
    found.push_back(std::move(vector));
  }
  return found;
}

}  // namespace tessera
