#include "src/workflow/preprocess/bad_pixels.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/median.hpp"

namespace tessera {

namespace {

/// A quantity of each pixel against those of its neighbours.
struct Beyond {
  std::vector<double> above, below;  ///< [pixel] what it exceeds the second largest, or falls short of the second least
  std::vector<double> range;         ///< [pixel] between these two
  double scale = 0;                  ///< robust standard deviation from the median of the neighbours
};

Beyond compare_with_neighbours(std::span<const double> values, std::span<const double> valid, Index ny, Index nx) {
  const std::vector<double> zero(values.size(), 0.0);
  Beyond beyond{zero, zero, zero, 0};
  std::vector<double> differences, around;
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) {
      const Index i = y * nx + x;
      if (valid[i] == 0) continue;
      around.clear();
      for (Index dy = -1; dy <= 1; ++dy)
        for (Index dx = -1; dx <= 1; ++dx) {
          const Index yy = y + dy, xx = x + dx;
          const bool inside = yy >= 0 && yy < ny && xx >= 0 && xx < nx && (dy != 0 || dx != 0);
          if (inside && valid[yy * nx + xx] != 0) around.push_back(values[yy * nx + xx]);
        }
      const std::size_t n = around.size();
      if (n < 3) continue;
      std::ranges::sort(around);
      beyond.above[i] = values[i] - around[n - 2];
      beyond.below[i] = around[1] - values[i];
      beyond.range[i] = around[n - 2] - around[1];
      differences.push_back(std::abs(values[i] - around[n / 2]));
    }
  beyond.scale = 1.4826 * median(std::move(differences));
  return beyond;
}

/// What neighbours differ among themselves says how far a good pixel may differ: at rims and reflections much.
constexpr double most_ranges = 2;

/// One search; returns how many were found.
Index search(std::span<const double> mean, std::span<const double> variance, double patterns, Index ny, Index nx,
             double sigma, BadPixels& bad) {
  const double counting = 0.5 / std::sqrt(patterns);  // of the root of a mean of Poisson counts
  std::vector<double> roots, dispersions;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    roots.push_back(std::sqrt(std::max(0.0, mean[i])));
    dispersions.push_back(mean[i] > 0 && variance[i] > 0 ? std::log(variance[i] / mean[i]) : 0);
  }
  const Beyond light = compare_with_neighbours(roots, bad.valid, ny, nx);
  const Beyond noise = compare_with_neighbours(dispersions, bad.valid, ny, nx);
  const double far = sigma * std::max(light.scale, counting);
  const double wild = sigma * std::max(noise.scale, std::sqrt(2 / patterns));  // of the logarithm of a variance
  const Index before = bad.found();
  const std::vector<double> valid = bad.valid;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    if (valid[i] == 0) continue;
    const double steep = most_ranges * light.range[i];
    const bool hot = light.above[i] > far && light.above[i] > steep;
    // A constant pixel counts as dead where its neighbours hold so much light that each must change.
    const bool constant = variance[i] == 0 && light.below[i] + roots[i] > 0 &&
                          patterns * (light.below[i] + roots[i]) * (light.below[i] + roots[i]) > sigma * sigma;
    const bool dead = !hot && ((light.below[i] > far && light.below[i] > steep) || constant);
    const bool noisy = !hot && !dead && noise.above[i] > wild && noise.above[i] > most_ranges * noise.range[i];
    bad.hot += hot ? 1 : 0;
    bad.dead += dead ? 1 : 0;
    bad.noisy += noisy ? 1 : 0;
    if (hot || dead || noisy) bad.valid[i] = 0;
  }
  return bad.found() - before;
}

}  // namespace

BadPixels find_bad_pixels(std::span<const double> mean, std::span<const double> variance, double patterns,
                          std::span<const double> valid, Index ny, Index nx, double sigma) {
  constexpr int most_searches = 5;
  BadPixels bad{.valid = {valid.begin(), valid.end()}};
  for (int i = 0; i < most_searches; ++i)
    if (search(mean, variance, patterns, ny, nx, sigma, bad) == 0) break;
  return bad;
}

}  // namespace tessera
