#include "src/workflow/preprocess/counting.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tessera {

namespace {

constexpr std::size_t peaks = 4;

std::vector<double> smoothed(const std::vector<double>& counts, std::size_t half) {
  std::vector<double> smooth(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::size_t first = i > half ? i - half : 0, last = std::min(counts.size(), i + half + 1);
    for (std::size_t j = first; j < last; ++j) smooth[i] += counts[j] / static_cast<double>(last - first);
  }
  return smooth;
}

/// Where the zeros are, and the first maximum beyond them; nothing where there is none that stands out.
std::optional<std::pair<double, double>> first_two(const Histogram& histogram) {
  const std::vector<double>& counts = histogram.counts;
  const auto zero = static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
  const bool whole = histogram.width == 1 && (counts.size() < 3 || zero == 0);  // integers without noise
  const std::vector<double> smooth = smoothed(counts, whole ? 0 : 2);
  std::size_t valley = zero;
  // The last bin holds all that lies beyond.
  while (valley + 2 < counts.size() && smooth[valley + 1] <= smooth[valley]) ++valley;
  if (valley + 2 >= counts.size()) return std::nullopt;
  const auto top = std::max_element(smooth.begin() + static_cast<std::ptrdiff_t>(valley), smooth.end() - 1);
  constexpr double significance = 5;
  if (*top - smooth[valley] < significance * std::sqrt(*top + 1)) return std::nullopt;
  return std::pair{histogram.centre(zero), histogram.centre(static_cast<std::size_t>(top - smooth.begin()))};
}

/// One step of expectation and maximisation.
class Mixture {
 public:
  Mixture(const Histogram& histogram, double zero, double per_electron)
      : histogram_(histogram),
        zero_(zero),
        step_(per_electron),
        width_(std::max(per_electron / 5, histogram.width / 2)) {
    shares_.fill(1.0 / peaks);
  }

  void step() {
    std::array<double, peaks> n{};
    // Sums for the regression of value on k.
    double sk = 0, skk = 0, sv = 0, skv = 0, total = 0, squares = 0;
    for (std::size_t i = 0; i + 1 < histogram_.counts.size(); ++i) {
      const double count = histogram_.counts[i], value = histogram_.centre(i);
      if (count == 0 || value > zero_ + (static_cast<double>(peaks) - 0.5) * step_) continue;
      const std::array<double, peaks> belongs = chances(value);
      for (std::size_t k = 0; k < peaks; ++k) {
        const double weight = count * belongs[k], kk = static_cast<double>(k);
        n[k] += weight;
        sk += weight * kk;
        skk += weight * kk * kk;
        sv += weight * value;
        skv += weight * kk * value;
        squares += weight * std::pow(value - zero_ - kk * step_, 2);
        total += weight;
      }
    }
    const double spread = skk - sk * sk / total;
    if (!(spread > 0)) return;
    step_ = (skv - sk * sv / total) / spread;
    zero_ = (sv - step_ * sk) / total;
    width_ = std::max(std::sqrt(squares / total), histogram_.width / std::sqrt(12.0));
    error_ = width_ / std::sqrt(spread);
    for (std::size_t k = 0; k < peaks; ++k) shares_[k] = std::max(n[k] / total, 1e-12);
    electrons_ = n[1];
  }
  ElectronPeaks result() const { return {zero_, step_, error_, width_, electrons_}; }

 private:
  std::array<double, peaks> chances(double value) const {
    std::array<double, peaks> chance{};
    double sum = 0;
    for (std::size_t k = 0; k < peaks; ++k) {
      const double away = (value - zero_ - static_cast<double>(k) * step_) / width_;
      chance[k] = shares_[k] * std::exp(-0.5 * away * away) + 1e-300;
      sum += chance[k];
    }
    for (double& one : chance) one /= sum;
    return chance;
  }

  const Histogram& histogram_;
  double zero_, step_, width_, error_ = 0, electrons_ = 0;
  std::array<double, peaks> shares_{};
};

}  // namespace

std::optional<ElectronPeaks> electron_peaks(const Histogram& histogram) {
  constexpr int steps = 200;
  const auto start = first_two(histogram);
  if (!start) return std::nullopt;
  Mixture mixture(histogram, start->first, start->second - start->first);
  for (int i = 0; i < steps; ++i) mixture.step();
  const ElectronPeaks found = mixture.result();
  constexpr double most_apart = 2;  // peaks nearer than so many widths are one
  if (!std::isfinite(found.per_electron) || found.per_electron < most_apart * found.width || found.electrons < 1)
    return std::nullopt;
  return found;
}

}  // namespace tessera
