#pragma once

#include <cmath>
#include <functional>

namespace tessera::testing {

/// The order at which |f(h) - f(0) - h slope| falls from h = first to first/64: 2 when `slope` is f'(0).
inline double taylor_order(const std::function<double(double)>& f, double f0, double slope, double first) {
  const auto remainder = [&](double h) { return std::abs(f(h) - f0 - h * slope); };
  return std::log2(remainder(first) / remainder(first / 64)) / 6;
}

}  // namespace tessera::testing
