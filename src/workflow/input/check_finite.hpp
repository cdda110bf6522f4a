#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <span>
#include <string>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/index.hpp"

namespace tessera {

inline bool is_finite(double value) { return std::isfinite(value); }
inline bool is_finite(const std::complex<double>& value) {
  return std::isfinite(value.real()) && std::isfinite(value.imag());
}

/// InputError at the first value that is NaN or infinite; `values` are those of the box [start, start + count).
template <class T>
void check_finite(const std::string& file, const std::string& dataset, std::span<const Index> start,
                  std::span<const Index> count, const std::vector<T>& values) {
  const auto bad = std::find_if(values.begin(), values.end(), [](const T& value) { return !is_finite(value); });
  if (bad == values.end()) return;
  std::vector<Index> index(start.begin(), start.end());
  Index rest = bad - values.begin();
  for (std::size_t axis = count.size(); axis-- > 0; rest /= count[axis]) index[axis] += rest % count[axis];
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {} is NaN or infinite at ({}); every value must be finite",
                                                     file, dataset, fmt::join(index, ", ")));
}

}  // namespace tessera
