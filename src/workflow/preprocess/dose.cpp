#include "src/workflow/preprocess/dose.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/median.hpp"

namespace tessera {

DoseStatistics dose_statistics(const std::vector<double>& electrons) {
  constexpr std::size_t bins = 64;
  DoseStatistics dose;
  if (electrons.empty()) return dose;
  const auto n = static_cast<double>(electrons.size());
  const auto [least, most] = std::ranges::minmax(electrons);
  dose.least = least;
  dose.most = most;
  for (const double value : electrons) dose.mean += value / n;
  const double faint = 0.01 * median(electrons);
  double slope = 0, squares = 0;
  for (std::size_t i = 0; i < electrons.size(); ++i) {
    const double away = electrons[i] - dose.mean, time = (static_cast<double>(i) + 0.5) / n - 0.5;
    dose.deviation += away * away / n;
    dose.blank += electrons[i] <= faint ? 1 / n : 0;
    slope += time * away;
    squares += time * time;
  }
  dose.deviation = std::sqrt(dose.deviation);
  if (dose.mean > 0) {
    dose.scatter = dose.deviation / std::sqrt(dose.mean);
    dose.drift = slope / squares / dose.mean;
  }
  const double span = most > least ? most - least : 1;
  dose.histogram = {.low = least, .width = span / static_cast<double>(bins), .counts = std::vector<double>(bins, 0.0)};
  for (const double value : electrons) dose.histogram.add(value);
  return dose;
}

}  // namespace tessera
