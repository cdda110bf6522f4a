#include "src/workflow/calibrate/detector_noise.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/base/median.hpp"

namespace tessera {

namespace {

/// Differences of pairs of patterns over root two, and their means.
struct Pairs {
  Index ny, nx, count;
  std::vector<double> difference;  ///< [pair, ky, kx]
  std::vector<double> mean;        ///< [ky, kx] over all
};

Pairs pairs_of(const PatternSample& sample) {
  Pairs pairs{sample.ny, sample.nx, sample.count() / 2, {}, {}};
  const Index pixels = pairs.ny * pairs.nx;
  pairs.mean.assign(static_cast<std::size_t>(pixels), 0.0);
  for (Index p = 0; p < pairs.count; ++p)
    for (Index i = 0; i < pixels; ++i) {
      const double a = sample.values[2 * p * pixels + i], b = sample.values[(2 * p + 1) * pixels + i];
      pairs.difference.push_back((a - b) / std::sqrt(2.0));
      pairs.mean[i] += (a + b) / static_cast<double>(2 * pairs.count);
    }
  return pairs;
}

/// Sums over blocks of 4 x 4 valid pixels, block by block: their mean and the variance of one of them.
struct Block {
  double mean, variance;
};

std::vector<Block> blocks_of(const Pairs& pairs, const std::vector<double>& valid) {
  constexpr Index side = 4;
  std::vector<Block> blocks;
  const Index pixels = pairs.ny * pairs.nx;
  for (Index y = 0; y + side <= pairs.ny; y += side)
    for (Index x = 0; x + side <= pairs.nx; x += side) {
      Block block{0, 0};
      bool whole = true;
      std::vector<double> sums(static_cast<std::size_t>(pairs.count), 0.0);
      for (Index i = 0; i < side * side; ++i) {
        const Index at = (y + i / side) * pairs.nx + x + i % side;
        whole = whole && valid[static_cast<std::size_t>(at)] != 0;
        block.mean += pairs.mean[at];
        for (Index p = 0; p < pairs.count; ++p) sums[p] += pairs.difference[p * pixels + at];
      }
      for (const double s : sums) block.variance += s * s / static_cast<double>(pairs.count);
      if (whole && block.mean > 0) blocks.push_back(block);
    }
  return blocks;
}

/// Line through variance/mean against mean, over eight classes of equal number: its value at zero, the error of it, and
/// the ratio of the darkest class.
struct AtZero {
  double value = 0, error = 0, darkest = 0;
};

AtZero at_zero(std::vector<Block> blocks, Index n_pairs) {
  constexpr std::size_t classes = 8;
  std::ranges::sort(blocks, {}, &Block::mean);
  double w = 0, wm = 0, wmm = 0, wr = 0, wmr = 0, darkest = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    double mean = 0, variance = 0, n = 0;
    for (std::size_t i = c * blocks.size() / classes; i < (c + 1) * blocks.size() / classes; ++i) {
      mean += blocks[i].mean;
      variance += blocks[i].variance;
      n += 1;
    }
    if (mean <= 0 || n == 0) continue;
    const double ratio = variance / mean;
    if (darkest == 0) darkest = ratio;
    // The variance of a variance of n n_pairs numbers is 2/(n n_pairs) of its square; few counts scatter more.
    const double counts = mean * static_cast<double>(n_pairs) / std::max(ratio, 1e-12);
    const double error2 = ratio * ratio * (2 / (n * static_cast<double>(n_pairs)) + 2 / std::max(counts, 1.0));
    const double weight = error2 > 0 ? 1 / error2 : 0, m = mean / n;
    w += weight;
    wm += weight * m;
    wmm += weight * m * m;
    wr += weight * ratio;
    wmr += weight * m * ratio;
  }
  const double d = w * wmm - wm * wm;
  if (d <= 1e-12 * w * wmm) return {w > 0 ? wr / w : 0, w > 0 ? std::sqrt(1 / w) : 0, darkest};
  return {(wmm * wr - wm * wmr) / d, std::sqrt(wmm / d), darkest};
}

/// Correlation of the differences of pixels side by side, by dark pixels with some counts, and how many pairs tell it.
std::pair<double, double> neighbour_correlation(const Pairs& pairs, const std::vector<double>& valid) {
  std::vector<double> lit;
  for (std::size_t i = 0; i < pairs.mean.size(); ++i)
    if (valid[i] != 0 && pairs.mean[i] > 0) lit.push_back(pairs.mean[i]);
  if (lit.empty()) return {0, 0};
  const double most = median(lit);
  const Index pixels = pairs.ny * pairs.nx;
  double together = 0, squares = 0, n = 0;
  for (Index y = 0; y < pairs.ny; ++y)
    for (Index x = 0; x + 1 < pairs.nx; ++x) {
      const auto a = static_cast<std::size_t>(y * pairs.nx + x), b = a + 1;
      if (valid[a] == 0 || valid[b] == 0 || std::max(pairs.mean[a], pairs.mean[b]) > most) continue;
      if (std::min(pairs.mean[a], pairs.mean[b]) <= 0) continue;
      for (Index p = 0; p < pairs.count; ++p) {
        const double da = pairs.difference[p * pixels + static_cast<Index>(a)];
        const double db = pairs.difference[p * pixels + static_cast<Index>(b)];
        together += da * db;
        squares += (da * da + db * db) / 2;
        n += 1;
      }
    }
  return {squares > 0 ? together / squares : 0, n};
}

}  // namespace

std::optional<DetectorNoise> detector_noise(const PatternSample& sample, const std::vector<double>& valid) {
  constexpr Index least_pairs = 4;
  constexpr double least_counts = 2000;
  constexpr std::size_t least_blocks = 16;
  const Pairs pairs = pairs_of(sample);
  const double counts =
      std::accumulate(pairs.mean.begin(), pairs.mean.end(), 0.0) * 2 * static_cast<double>(pairs.count);
  if (pairs.count < least_pairs || counts < least_counts) return std::nullopt;
  const std::vector<Block> blocks = blocks_of(pairs, valid);
  if (blocks.size() < least_blocks) return std::nullopt;
  const AtZero gain = at_zero(blocks, pairs.count);
  if (gain.value <= 0) return std::nullopt;
  DetectorNoise noise{.counts_per_electron = gain.value, .counts_error = gain.error};
  noise.sure = std::abs(gain.darkest / gain.value - 1) < std::max(0.1, 2 * gain.error / gain.value) &&
               gain.error < 0.2 * gain.value;
  const auto [correlation, n] = neighbour_correlation(pairs, valid);
  const double error = n > 0 ? 1 / std::sqrt(n) : 1;
  if (correlation < std::max(5 * error, 0.02)) return noise;
  const double rho = std::min(correlation, 0.98);
  noise.psf_px = 0.5 / std::sqrt(-std::log(rho));
  // d psf/d rho = psf/(2 rho (-ln rho))
  noise.psf_error_px = noise.psf_px / (2 * rho * -std::log(rho)) * error;
  return noise;
}

}  // namespace tessera
