#include "src/workflow/preprocess/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/median.hpp"
#include "src/workflow/preprocess/exact_sums.hpp"

namespace tessera {

void Histogram::add(double value) {
  const double bin = std::clamp(std::floor((value - low) / width), 0.0, static_cast<double>(counts.size()) - 1);
  counts[static_cast<std::size_t>(bin)] += 1;
}

Histogram value_bins(std::span<const double> sample) {
  constexpr double most_bins = 65536, spreads = 10;
  constexpr std::size_t bins_a_spread = 4;
  std::vector<double> values(sample.begin(), sample.end());
  if (values.empty()) return {};
  const double middle = median(values);
  std::vector<double> away;
  away.reserve(values.size());
  for (const double value : values) away.push_back(std::abs(value - middle));
  const double spread = 1.4826 * median(std::move(away)), largest = *std::ranges::max_element(values);
  Histogram bins;
  bins.width = spread > 0 ? spread / static_cast<double>(bins_a_spread) : 1;
  bins.low = middle - (spread > 0 ? spreads * spread : 0.5);
  const double wanted = std::ceil((largest - bins.low) / bins.width) + 1;
  if (!(wanted <= most_bins)) bins.width = (largest - bins.low) / most_bins;
  bins.counts.assign(static_cast<std::size_t>(std::clamp(wanted, 2.0, most_bins)), 0.0);
  return bins;
}

PatternStatistics pattern_statistics(const Comm& comm, PatternReader& reader, const PreprocessInput& input,
                                     const Correction& correction, const RoundPlan& plan, Histogram histogram,
                                     const std::string& dataset) {
  const auto pixels = static_cast<std::size_t>(input.pixel_count());
  const double largest = input.largest > 0 ? input.largest : 1;
  ExactSums sums(input.pixel_count(), largest), squares(input.pixel_count(), largest * largest);
  std::vector<double> counts(pixels);
  const bool with_histogram = !histogram.counts.empty();
  const auto use = [&](Index position, const std::byte* raw) {
    correct_pattern(
        correction, raw, [&] { return fmt::format("{} pattern {}", dataset, input.patterns[position]); }, counts);
    for (std::size_t i = 0; i < pixels; ++i) sums.add(i, counts[i]);
    for (std::size_t i = 0; i < pixels; ++i) squares.add(i, counts[i] * counts[i]);
    for (std::size_t i = 0; with_histogram && i < pixels; ++i)
      if (correction.valid[i] != 0) histogram.add(counts[i]);
  };
  stream_patterns(comm, reader, input, plan, {.begin = {}, .use = use, .done = {}});
  PatternStatistics found;
  found.patterns = static_cast<double>(input.count());
  found.mean = sums.total(comm);
  found.variance = squares.total(comm);
  for (std::size_t i = 0; i < pixels; ++i) {
    double& mean = found.mean[i];
    mean /= found.patterns;
    found.variance[i] = std::max(0.0, found.variance[i] / found.patterns - mean * mean);
  }
  if (with_histogram) comm.sum(histogram.counts);
  found.values = std::move(histogram);
  return found;
}

}  // namespace tessera
