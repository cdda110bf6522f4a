#include "src/workflow/input/pattern_facts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "src/base/constants.hpp"
#include "src/base/median.hpp"

namespace tessera {

namespace {

/// The sample with what does not count, or is no number, as zero.
struct Cleaned {
  Index ny, nx;
  std::vector<double> values;
  std::vector<double> mean;  ///< [ky, kx]
  std::vector<double> sums;  ///< [pattern]
  std::span<const double> pattern(Index i) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * ny * nx), static_cast<std::size_t>(ny * nx));
  }
};

Cleaned clean(const PatternSample& sample, const std::vector<double>& valid, PatternFacts& facts) {
  Cleaned cleaned{sample.ny, sample.nx, sample.values, {}, {}};
  const auto pixels = static_cast<std::size_t>(sample.ny * sample.nx);
  cleaned.mean.assign(pixels, 0.0);
  for (std::size_t i = 0; i < cleaned.values.size(); ++i) {
    double& value = cleaned.values[i];
    if (!valid.empty() && valid[i % pixels] == 0) value = 0;
    facts.has_nan = facts.has_nan || !std::isfinite(value);
    facts.has_negative = facts.has_negative || value < 0;
    if (!std::isfinite(value)) value = 0;
    facts.largest = std::max(facts.largest, value);
    if (i % pixels == 0) cleaned.sums.push_back(0);
    cleaned.sums.back() += value;
    cleaned.mean[i % pixels] += value / static_cast<double>(facts.read);
  }
  return cleaned;
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double blank_share(const std::vector<double>& sums) {
  const double faint = 0.01 * median(sums);
  return share(static_cast<std::size_t>(std::ranges::count_if(sums, [&](double sum) { return sum <= faint; })),
               sums.size());
}

/// A limit shows as a pile at the largest value: more pixels there than in the tenth below it, and not only a few.
double saturated_share(const std::vector<double>& values, double largest) {
  constexpr double least_counts = 20;
  constexpr std::ptrdiff_t few = 5;
  if (largest < least_counts) return 0;
  const auto at = std::ranges::count(values, largest);
  const auto below = std::ranges::count_if(values, [&](double v) { return v >= 0.9 * largest && v < largest; });
  return at > few && at > below ? share(static_cast<std::size_t>(at), values.size()) : 0;
}

/// Of pairs of neighbours with so many counts that chance does not make them equal.
double repeated_share(const Cleaned& cleaned) {
  constexpr double least_counts = 50;
  std::size_t pairs = 0, same = 0;
  for (std::size_t i = 0; i + 1 < cleaned.sums.size(); i += 2) {
    if (cleaned.sums[i] < least_counts) continue;
    ++pairs;
    const auto a = cleaned.pattern(static_cast<Index>(i)), b = cleaned.pattern(static_cast<Index>(i + 1));
    same += std::ranges::equal(a, b) ? 1 : 0;
  }
  return share(same, pairs);
}

std::optional<double> scatter_of(const std::vector<double>& sums, double counts_per_electron) {
  if (sums.size() < 8) return std::nullopt;
  double mean = 0, variance = 0;
  for (const double sum : sums) mean += sum / counts_per_electron / static_cast<double>(sums.size());
  for (const double sum : sums)
    variance += std::pow(sum / counts_per_electron - mean, 2) / static_cast<double>(sums.size() - 1);
  if (mean <= 0) return std::nullopt;
  return std::sqrt(variance / mean);
}

/// Centre of the light on a ring: the phase of its first harmonic, to which an even background adds nothing.
double ring_centre(const std::vector<double>& profile) {
  double re = 0, im = 0;
  const auto n = static_cast<double>(profile.size());
  for (std::size_t i = 0; i < profile.size(); ++i) {
    re += profile[i] * std::cos(2 * pi * static_cast<double>(i) / n);
    im += profile[i] * std::sin(2 * pi * static_cast<double>(i) / n);
  }
  const double turn = std::atan2(im, re) / (2 * pi);
  return n * (turn < 0 ? turn + 1 : turn);
}

/// Where a profile over the distance from the centre falls off most; nothing where that is less than a third of what
/// lies within. The two sides of the edge are means over a few pixels.
std::optional<double> edge_of(const std::vector<double>& profile) {
  const auto mean = [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t i = first; i < end; ++i) sum += profile[i];
    return sum / static_cast<double>(end - first);
  };
  const std::size_t side = std::clamp<std::size_t>(profile.size() / 16, 1, 4);
  double best = 0, within = 0;
  std::optional<double> edge;
  for (std::size_t r = side + 1; r + side <= profile.size(); ++r) {
    const double drop = mean(r - side, r) - mean(r, r + side);
    if (drop <= best) continue;
    best = drop;
    within = mean(0, r);
    edge = static_cast<double>(r) - 0.5;
  }
  return best > within / 3 ? edge : std::nullopt;
}

/// Mean over the ring of pixels at each whole distance from the centre, within a quarter turn about one axis.
std::vector<double> radial_profile(const Cleaned& cleaned, const PointYX& centre, bool along_y) {
  const auto length = static_cast<std::size_t>(std::max<Index>(2, (along_y ? cleaned.ny : cleaned.nx) / 2));
  std::vector<double> sum(length, 0.0), count(length, 0.0);
  for (Index y = 0; y < cleaned.ny; ++y)
    for (Index x = 0; x < cleaned.nx; ++x) {
      const double dy = static_cast<double>(y) - centre.y, dx = static_cast<double>(x) - centre.x;
      if ((std::abs(dy) < std::abs(dx)) == along_y) continue;
      const auto r = static_cast<std::size_t>(std::lround(std::hypot(dy, dx)));
      if (r >= length) continue;
      sum[r] += cleaned.mean[y * cleaned.nx + x];
      count[r] += 1;
    }
  for (std::size_t r = 0; r < length; ++r) sum[r] /= std::max(1.0, count[r]);
  return sum;
}

std::optional<BrightField> find_disc(const Cleaned& cleaned) {
  constexpr double least_counts = 2000;
  double total = 0;
  for (const double sum : cleaned.sums) total += sum;
  if (total < least_counts) return std::nullopt;
  std::vector<double> rows(static_cast<std::size_t>(cleaned.ny), 0.0),
      columns(static_cast<std::size_t>(cleaned.nx), 0.0);
  for (Index y = 0; y < cleaned.ny; ++y)
    for (Index x = 0; x < cleaned.nx; ++x) {
      rows[y] += cleaned.mean[y * cleaned.nx + x];
      columns[x] += cleaned.mean[y * cleaned.nx + x];
    }
  const PointYX centre{ring_centre(rows), ring_centre(columns)};
  const auto radius_y = edge_of(radial_profile(cleaned, centre, true));
  const auto radius_x = edge_of(radial_profile(cleaned, centre, false));
  if (!radius_y || !radius_x) return BrightField{centre};
  return BrightField{centre, *radius_y, *radius_x};
}

}  // namespace

PatternFacts pattern_facts(const PatternSample& sample, const std::vector<double>& valid, double counts_per_electron) {
  PatternFacts facts{.read = sample.count()};
  if (facts.read == 0) return facts;
  const Cleaned cleaned = clean(sample, valid, facts);
  double smallest = cleaned.mean.front(), mean = 0;
  for (std::size_t i = 0; i < cleaned.mean.size(); ++i) {
    mean += cleaned.mean[i] / static_cast<double>(cleaned.mean.size());
    facts.mean_largest = std::max(facts.mean_largest, cleaned.mean[i]);
    if (valid.empty() || valid[i] != 0) smallest = std::min(smallest, cleaned.mean[i]);
  }
  facts.mean_counts = mean * static_cast<double>(cleaned.mean.size());
  facts.pedestal = mean > 0 ? smallest / mean : 0;
  facts.blank = blank_share(cleaned.sums);
  facts.saturated = saturated_share(cleaned.values, facts.largest);
  facts.repeated = repeated_share(cleaned);
  facts.scatter = scatter_of(cleaned.sums, counts_per_electron);
  facts.disc = find_disc(cleaned);
  return facts;
}

}  // namespace tessera
