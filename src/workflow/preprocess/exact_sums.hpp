#pragma once

#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Sums whose bits do not depend on the order of what is added, nor on the number of ranks: each number is cut into a
/// multiple of `unit` and one of unit 2^-30, the rest is dropped, and doubles add multiples exactly while the sums stay
/// below 2^53 of them. Holds for numbers up to `largest` 2^20 and 2^24 of them. Whole numbers are added as they are.
class ExactSums {
 public:
  /// `largest`: about the largest absolute value that is added; `whole`: all of them are whole numbers, whose sums stay
  /// below 2^53.
  ExactSums(Index count, double largest, bool whole = false)
      : coarse_(static_cast<std::size_t>(count), 0.0), fine_(whole ? 0 : static_cast<std::size_t>(count), 0.0) {
    const double unit = std::ldexp(1.0, largest > 0 ? std::ilogb(largest) - 20 : 0);
    to_coarse_ = 0x1.8p52 * unit;
    to_fine_ = std::ldexp(to_coarse_, -30);
  }

  void add(std::size_t i, double value) {
    if (fine_.empty()) {
      coarse_[i] += value;
      return;
    }
    const double coarse = (value + to_coarse_) - to_coarse_;
    coarse_[i] += coarse;
    fine_[i] += (value - coarse + to_fine_) - to_fine_;
  }
  /// To each sum from `first` on its value times its weight.
  void add(std::size_t first, std::span<const double> values, std::span<const double> weights) {
    if (fine_.empty())
      for (std::size_t i = 0; i < values.size(); ++i) coarse_[first + i] += weights[i] * values[i];
    else
      for (std::size_t i = 0; i < values.size(); ++i) add(first + i, weights[i] * values[i]);
  }
  /// The sums of all ranks (collective).
  std::vector<double> total(const Comm& comm) {
    comm.sum(coarse_);
    comm.sum(fine_);
    for (std::size_t i = 0; i < fine_.size(); ++i) coarse_[i] += fine_[i];
    fine_.clear();
    return std::move(coarse_);
  }

 private:
  std::vector<double> coarse_, fine_;
  double to_coarse_, to_fine_;  ///< a number is rounded to a multiple by adding and subtracting them
};

/// sum_i values_i weights_i, by eight partial sums in a fixed order, which become vector code.
inline double weighted_sum(std::span<const double> values, std::span<const double> weights) {
  std::array<double, 8> part{};
  const std::size_t n = values.size(), whole = n / part.size() * part.size();
  for (std::size_t i = 0; i < whole; i += part.size())
    for (std::size_t j = 0; j < part.size(); ++j) part[j] += weights[i + j] * values[i + j];
  for (std::size_t i = whole; i < n; ++i) part[0] += weights[i] * values[i];
  return std::accumulate(part.begin(), part.end(), 0.0);
}

}  // namespace tessera
