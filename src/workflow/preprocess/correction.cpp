#include "src/workflow/preprocess/correction.hpp"

#include <algorithm>
#include <cmath>

#include "io/dataset.hpp"
#include "kernels/pixel_type.hpp"
#include "src/base/cache_blocks.hpp"
#include "src/base/median.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/options/about_key.hpp"

namespace tessera {

namespace {

[[noreturn]] void refuse_pixel(double value, bool full, std::size_t pixel, const std::string& pattern) {
  throw InputError(
      ExitCode::data_wrong,
      fmt::format("{}, pixel {} is {}: {}; mask pixels that are so in some patterns only (data.mask, "
                  "preprocess.bad_pixels)",
                  pattern, pixel, value, full ? "it is saturated or marked as bad" : "counts must be finite numbers"));
}

/// Returns whether a valid one counts `correction.full`, which hardly ever is so.
template <class Stored>
bool convert(const Correction& correction, const std::byte* raw, std::span<double> counts) {
  const auto* const from = reinterpret_cast<const Stored*>(raw);
  int full = 0;  // without a branch: vector code
  in_cache_blocks(counts.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) counts[i] = static_cast<double>(from[i]);
    if (!correction.valid.empty())
      for (std::size_t i = first; i < last; ++i)
        if (correction.valid[i] == 0) counts[i] = 0;
    for (std::size_t i = first; i < last; ++i) full |= static_cast<int>(counts[i] == correction.full);
  });
  return full != 0;
}

}  // namespace

std::vector<double> read_pixel_map(const std::string& key, const DatasetRef& from, const std::vector<Index>& shape) {
  return about_key(key, [&] {
    const DatasetInfo info = dataset_info(from.file, from.dataset);
    if (info.shape != shape)
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{} {} has shape {}; it must be {}, as data.patterns says", from.file, from.dataset,
                                   shape_text(info.shape), shape_text(shape)));
    std::vector<double> values = read_real(from.file, from.dataset);
    const auto bad = std::ranges::find_if(values, [](double value) { return !std::isfinite(value); });
    if (bad != values.end())
      throw InputError(ExitCode::data_wrong, fmt::format("{} {} is NaN or infinite at element {}", from.file,
                                                         from.dataset, bad - values.begin()));
    return values;
  });
}

std::vector<double> flat_factors(std::span<const double> response) {
  std::vector<double> positive;
  for (const double value : response)
    if (value > 0) positive.push_back(value);
  const double middle = median(std::move(positive));
  std::vector<double> factors;
  factors.reserve(response.size());
  for (const double value : response) factors.push_back(value > 0 ? middle / value : 0);
  return factors;
}

void correct_pattern(const Correction& correction, const std::byte* raw, const std::function<std::string()>& pattern,
                     std::span<double> counts) {
  bool full = false;
  with_pixel_type(pixel_type(correction.type),
                  [&](auto stored) { full = convert<decltype(stored)>(correction, raw, counts); });
  const std::size_t n = counts.size();
  if (correction.type == StoredType::f32) {
    for (std::size_t i = 0; i < n; ++i)
      if (!std::isfinite(counts[i])) refuse_pixel(counts[i], false, i, pattern());
  } else if (correction.full > 0 && full) {
    refuse_pixel(correction.full, true,
                 static_cast<std::size_t>(std::ranges::find(counts, correction.full) - counts.begin()), pattern());
  }
  if (!correction.offset.empty())
    for (std::size_t i = 0; i < n; ++i) counts[i] -= correction.valid[i] * correction.offset[i];
  if (!correction.factor.empty())
    for (std::size_t i = 0; i < n; ++i) counts[i] *= correction.factor[i];
  if (correction.counts_of_electron > 0)
    for (double& value : counts) value = std::max(0.0, std::round(value / correction.counts_of_electron));
}

}  // namespace tessera
