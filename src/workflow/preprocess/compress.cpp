#include "src/workflow/preprocess/compress.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "src/base/constants.hpp"
#include "src/base/random.hpp"

namespace tessera {

namespace {

/// The sums of pixels with the same label; labels below 0 are in none. In the order of the labels.
VirtualDetectors from_labels(std::span<const Index> labels) {
  std::map<Index, std::vector<Index>> sums;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0) sums[labels[i]].push_back(static_cast<Index>(i));
  VirtualDetectors detectors{.channels = static_cast<Index>(sums.size()), .start = {0}};
  for (const auto& [label, pixels] : sums) {
    detectors.pixel.insert(detectors.pixel.end(), pixels.begin(), pixels.end());
    detectors.start.push_back(static_cast<Index>(detectors.pixel.size()));
  }
  detectors.weight.assign(detectors.pixel.size(), 1.0);
  return detectors;
}

struct Polar {
  double radius, turn;  ///< pixels, and the share of a turn from x towards y in [0, 1)
};

Polar polar(Index pixel, Index ny, Index nx) {
  const Index row = pixel / nx - ny / 2, column = pixel % nx - nx / 2;
  const auto y = static_cast<double>(row), x = static_cast<double>(column);
  const double turn = std::atan2(y, x) / (2 * pi);
  return {std::hypot(y, x), turn < 0 ? turn + 1 : turn};
}

/// How many azimuths each ring has: in proportion to 1, 3, 5, ..., at least one, `channels` in all.
std::vector<Index> shared_out(Index channels, Index rings) {
  std::vector<Index> azimuths(static_cast<std::size_t>(rings), 1);
  const auto lack = [&](Index ring) {
    return static_cast<double>(channels * (2 * ring + 1)) / static_cast<double>(rings * rings) -
           static_cast<double>(azimuths[static_cast<std::size_t>(ring)]);
  };
  for (Index left = channels - rings; left > 0; --left) {
    Index most = 0;
    for (Index ring = 1; ring < rings; ++ring)
      if (lack(ring) > lack(most)) most = ring;
    ++azimuths[static_cast<std::size_t>(most)];
  }
  return azimuths;
}

/// Radii that cut the root of the mean pattern into `parts` of as much each: their middles.
std::vector<double> ring_middles(std::span<const double> mean, std::span<const double> valid, Index ny, Index nx,
                                 Index parts) {
  std::vector<double> light(static_cast<std::size_t>(ny + nx), 0.0);
  for (std::size_t i = 0; i < mean.size(); ++i)
    if (valid[i] != 0)
      light[static_cast<std::size_t>(polar(static_cast<Index>(i), ny, nx).radius)] += std::sqrt(std::max(0.0, mean[i]));
  const double all = std::accumulate(light.begin(), light.end(), 0.0);
  std::vector<double> middles;
  double sum = 0;
  for (std::size_t r = 0; r < light.size() && static_cast<Index>(middles.size()) < parts; ++r) {
    sum += light[r];
    while (static_cast<Index>(middles.size()) < parts &&
           sum >= all * (static_cast<double>(middles.size()) + 0.5) / static_cast<double>(parts))
      middles.push_back(std::max(static_cast<double>(r) + 0.5, middles.empty() ? 0.5 : middles.back() + 0.5));
  }
  while (static_cast<Index>(middles.size()) < parts) middles.push_back(middles.empty() ? 0.5 : middles.back() + 0.5);
  return middles;
}

/// The two of the places 0 to n - 1 between which `at` lies, with their weights; the same one twice at the ends.
struct Between {
  std::size_t first, second;
  double weight;  ///< of the second
};

Between between_rings(const std::vector<double>& middles, double radius) {
  const auto above = std::ranges::upper_bound(middles, radius);
  if (above == middles.begin()) return {0, 0, 0};
  if (above == middles.end()) return {middles.size() - 1, middles.size() - 1, 0};
  const auto i = static_cast<std::size_t>(above - middles.begin());
  return {i - 1, i, (radius - middles[i - 1]) / (middles[i] - middles[i - 1])};
}

Between between_azimuths(Index azimuths, double turn) {
  const auto n = static_cast<std::size_t>(azimuths);
  const double place = turn * static_cast<double>(azimuths), whole = std::floor(place);
  const std::size_t first = static_cast<std::size_t>(whole) % n;
  return {first, (first + 1) % n, place - whole};
}

}  // namespace

VirtualDetectors block_sums(std::span<const double> valid, Index ny, Index nx, Index bin) {
  std::vector<Index> labels(valid.size(), -1);
  for (Index y = 0; y < ny / bin * bin; ++y)
    for (Index x = 0; x < nx / bin * bin; ++x)
      if (valid[y * nx + x] != 0) labels[static_cast<std::size_t>(y * nx + x)] = y / bin * nx + x / bin;
  return from_labels(labels);
}

VirtualDetectors segment_sums(std::span<const double> valid, Index ny, Index nx, std::span<const double> rings_px,
                              std::span<const Index> azimuths) {
  std::vector<Index> labels(valid.size(), -1);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const Polar at = polar(static_cast<Index>(i), ny, nx);
    const auto ring = static_cast<std::size_t>(std::ranges::upper_bound(rings_px, at.radius) - rings_px.begin());
    if (ring == rings_px.size() || valid[i] == 0) continue;
    Index first = 0;
    for (std::size_t r = 0; r < ring; ++r) first += azimuths[azimuths.size() == 1 ? 0 : r];
    const Index n = azimuths[azimuths.size() == 1 ? 0 : ring];
    labels[i] = first + std::min(n - 1, static_cast<Index>(at.turn * static_cast<double>(n)));
  }
  return from_labels(labels);
}

VirtualDetectors smooth_sums(std::span<const double> mean, std::span<const double> valid, Index ny, Index nx,
                             Index channels) {
  const Index rings = std::max<Index>(1, std::lround(std::sqrt(static_cast<double>(channels) / 2)));
  const std::vector<Index> azimuths = shared_out(channels, rings);
  const std::vector<double> middles = ring_middles(mean, valid, ny, nx, rings);
  std::vector<std::map<Index, float>> rows(static_cast<std::size_t>(channels));
  std::vector<Index> first{0};
  for (const Index n : azimuths) first.push_back(first.back() + n);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (valid[i] == 0) continue;
    const Polar at = polar(static_cast<Index>(i), ny, nx);
    const Between radial = between_rings(middles, at.radius);
    for (const auto& [ring, share] : {std::pair{radial.first, 1 - radial.weight}, {radial.second, radial.weight}}) {
      const Between around = between_azimuths(azimuths[ring], at.turn);
      for (const auto& [place, part] : {std::pair{around.first, 1 - around.weight}, {around.second, around.weight}})
        if (share * part > 0)
          rows[static_cast<std::size_t>(first[ring]) + place][static_cast<Index>(i)] +=
              static_cast<float>(share * part);
    }
  }
  VirtualDetectors detectors{.channels = 0, .start = {0}};
  for (const auto& row : rows) {
    if (row.empty()) continue;
    for (const auto& [pixel, weight] : row) {
      detectors.pixel.push_back(pixel);
      detectors.weight.push_back(weight);
    }
    detectors.start.push_back(static_cast<Index>(detectors.pixel.size()));
    ++detectors.channels;
  }
  return detectors;
}

VirtualDetectors random_sums(std::span<const double> valid, Index channels, int seed) {
  std::vector<float> weights;
  weights.reserve(valid.size() * static_cast<std::size_t>(channels));
  for (Index channel = 0; channel < channels; ++channel)
    for (std::size_t i = 0; i < valid.size(); ++i) {
      const auto index = channel * static_cast<Index>(valid.size()) + static_cast<Index>(i);
      const double value = 2 * random_uniform(static_cast<std::uint64_t>(seed), index) - 1;
      weights.push_back(valid[i] != 0 ? static_cast<float>(value) : 0.0F);
    }
  return from_dense(weights, channels);
}

VirtualDetectors from_dense(std::span<const float> weights, Index channels) {
  VirtualDetectors detectors{.channels = channels, .start = {0}};
  const auto pixels = static_cast<Index>(weights.size()) / std::max<Index>(1, channels);
  for (Index channel = 0; channel < channels; ++channel) {
    for (Index i = 0; i < pixels; ++i) {
      const float weight = weights[channel * pixels + i];
      if (weight == 0) continue;
      detectors.pixel.push_back(i);
      detectors.weight.push_back(weight);
    }
    detectors.start.push_back(static_cast<Index>(detectors.pixel.size()));
  }
  return detectors;
}

VirtualDetectors valid_part(const VirtualDetectors& given, std::span<const double> valid, const std::string& source) {
  VirtualDetectors left{.channels = given.channels, .start = {0}};
  for (Index channel = 0; channel < left.channels; ++channel) {
    for (Index k = given.start[channel]; k < given.start[channel + 1]; ++k) {
      const Index pixel = given.pixel[k];
      const auto weight = static_cast<float>(given.weight[k]);
      if (!std::isfinite(weight))
        throw InputError(ExitCode::data_wrong,
                         fmt::format("{} has the weight {}, beyond single precision", source, given.weight[k]), true);
      if (valid[static_cast<std::size_t>(pixel)] == 0 || weight == 0) continue;
      left.pixel.push_back(pixel);
      left.weight.push_back(weight);
    }
    left.start.push_back(static_cast<Index>(left.pixel.size()));
    if (left.start[channel] == left.start.back())
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{} counts no valid pixel in channel {}; leave it out", source, channel), true);
  }
  return left;
}

SumsLayout layout_of(const VirtualDetectors& detectors, Index pixels) {
  std::vector<bool> counted(static_cast<std::size_t>(pixels), false);
  bool labels = true;
  for (std::size_t k = 0; k < detectors.pixel.size() && labels; ++k) {
    const auto pixel = static_cast<std::size_t>(detectors.pixel[k]);
    labels = detectors.weight[k] == 1 && !counted[pixel];
    counted[pixel] = true;
  }
  if (labels) return SumsLayout::labels;
  const auto entries = static_cast<Index>(detectors.pixel.size());  // of a weight and a pixel each
  return 2 * entries < detectors.channels * pixels ? SumsLayout::sparse : SumsLayout::dense;
}

std::vector<std::uint32_t> labels_of(const VirtualDetectors& detectors, Index pixels) {
  std::vector<std::uint32_t> labels(static_cast<std::size_t>(pixels), 0);
  for (Index channel = 0; channel < detectors.channels; ++channel)
    for (Index k = detectors.start[channel]; k < detectors.start[channel + 1]; ++k)
      labels[static_cast<std::size_t>(detectors.pixel[k])] = static_cast<std::uint32_t>(channel + 1);
  return labels;
}

}  // namespace tessera
