#include "src/workflow/input/turner.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

namespace tessera {

namespace {

/// Where raw pixels lie in a frame as it is stored. [pixel]
std::vector<Index> stored_places(std::vector<Index> map, const SourceDescription& source) {
  const Index ny = source.pattern_ny(), nx = source.pattern_nx();
  if (source.transposed)
    for (Index& raw : map)
      if (raw >= 0) raw = raw % nx * ny + raw / nx;
  return map;
}

/// The valid pixels in the order of the turned pattern, as few runs as a greedy search finds.
std::vector<PixelRun> pixel_runs(const std::vector<Index>& map, const std::vector<double>& valid) {
  std::vector<PixelRun> runs;
  for (Index k = 0; k < static_cast<Index>(map.size()); ++k) {
    if (valid[k] == 0) continue;
    if (!runs.empty() && runs.back().to + runs.back().length == k) {
      PixelRun& run = runs.back();
      if (run.length == 1) run.step = map[k] - run.from;
      if (map[k] == run.from + run.step * run.length) {
        ++run.length;
        continue;
      }
    }
    runs.push_back({k, map[k], 1, 1});
  }
  return runs;
}

/// Sum of a pattern's counts, exact for integers; nothing when one is negative or not finite.
template <class Stored>
std::optional<double> sum_of_counts(const Stored* counts, Index n) {
  if constexpr (std::is_integral_v<Stored>) {
    using Part = std::conditional_t<sizeof(Stored) < 4, std::uint32_t, std::uint64_t>;  // the smaller, the faster
    constexpr Index part = 4096;
    std::uint64_t sum = 0;
    for (Index first = 0; first < n; first += part) {
      Part few = 0;
      for (Index i = first; i < std::min(n, first + part); ++i) few += counts[i];
      sum += few;
    }
    return static_cast<double>(sum);
  } else {
    constexpr Index lanes = 8;
    double sums[lanes] = {};
    bool good = true;
    for (Index i = 0; i < n; ++i) good &= counts[i] >= 0 && counts[i] <= std::numeric_limits<Stored>::max();
    if (!good) return std::nullopt;
    for (Index i = 0; i < n / lanes * lanes; i += lanes)
      for (Index lane = 0; lane < lanes; ++lane) sums[lane] += static_cast<double>(counts[i + lane]);
    for (Index i = n / lanes * lanes; i < n; ++i) sums[i % lanes] += static_cast<double>(counts[i]);
    return std::accumulate(sums, sums + lanes, 0.0);
  }
}

}  // namespace

Turner::Turner(const Experiment& experiment, const RawPixels& pixels, std::vector<Index> map, std::vector<double> valid)
    : experiment_(experiment),
      pixels_(pixels),
      map_(std::move(map)),
      valid_(std::move(valid)),
      runs_(pixel_runs(stored_places(map_, experiment.source), valid_)),
      full_(stored_places(pixels.full, experiment.source)) {}

template <class Stored>
double Turner::turn_as(const Stored* raw, Stored* turned, Index position) const {
  for (const PixelRun& run : runs_) {
    if (run.step == 1)
      std::memcpy(turned + run.to, raw + run.from, static_cast<std::size_t>(run.length) * sizeof(Stored));
    else
      for (Index i = 0; i < run.length; ++i) turned[run.to + i] = raw[run.from + i * run.step];
  }
  const std::optional<double> sum = sum_of_counts(turned, static_cast<Index>(map_.size()));
  if (!sum) reject(turned, position);
  if constexpr (std::is_integral_v<Stored> && sizeof(Stored) > 1) check_full(raw, turned, position);
  return *sum;
}

/// A pixel that is full is either so in every pattern, and left out, or the exposure was too long.
template <class Stored>
void Turner::check_full(const Stored* raw, const Stored* turned, Index position) const {
  constexpr Stored full = std::numeric_limits<Stored>::max();
  Stored largest = 0;
  for (std::size_t k = 0; k < map_.size(); ++k) largest = std::max(largest, turned[k]);
  if (largest == full) {
    const Stored* const end = turned + map_.size();
    reject_full(map_[std::find(turned, end, full) - turned], std::count(turned, end, full), full,
                experiment_.pattern_index[position], "");
  }
  for (std::size_t i = 0; i < full_.size(); ++i)
    if (raw[full_[i]] != full)
      reject_full(pixels_.full[i], 1, full, pixels_.looked_at,
                  fmt::format(", but {} in pattern {}", raw[full_[i]], experiment_.pattern_index[position]));
}

void Turner::reject_full(Index pixel, std::ptrdiff_t n, std::uint64_t full, Index pattern,
                         const std::string& but) const {
  throw InputError(
      ExitCode::data_wrong,
      fmt::format("{} pattern {}, pixel ({}, {}) is {}, the largest uint{} ({} of its pixels are){}: it is saturated "
                  "or marked as bad; exclude pixels that are so in some patterns only with data.mask",
                  experiment_.source.name, pattern, pixel / experiment_.raw_nx, pixel % experiment_.raw_nx, full,
                  full == std::numeric_limits<std::uint16_t>::max() ? 16 : 32, n, but));
}

template <class Stored>
void Turner::reject(const Stored* turned, Index position) const {
  Index k = 0;
  while (turned[k] >= 0 && std::isfinite(static_cast<double>(turned[k]))) ++k;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{} pattern {}, pixel ({}, {}) is {}; counts must be finite and not negative "
                               "(subtract less background, or exclude the pixel with data.mask)",
                               experiment_.source.name, experiment_.pattern_index[position],
                               map_[k] / experiment_.raw_nx, map_[k] % experiment_.raw_nx, turned[k]));
}

double Turner::turn(PixelType type, const std::byte* raw, std::byte* turned, Index position) const {
  return with_pixel_type(type, [&](auto stored) {
    using Stored = decltype(stored);
    return turn_as(reinterpret_cast<const Stored*>(raw), reinterpret_cast<Stored*>(turned), position);
  });
}

}  // namespace tessera
