#include <algorithm>
#include <cmath>
#include <optional>

#include "src/workflow/preprocess/scan_spectrum.hpp"

namespace tessera {

namespace {

/// By how much of a bin the top lies beside the middle of three, of which the logarithm is a parabola.
double beside(double before, double at, double after) {
  if (!(before > 0) || !(after > 0)) return 0;
  const double l = std::log(before), m = std::log(at), r = std::log(after);
  const double curvature = l - 2 * m + r;
  return curvature < 0 ? std::clamp(0.5 * (l - r) / curvature, -0.5, 0.5) : 0;
}

/// The top at bin (y, x), compared with its neighbours in the same units, so that noise which changes with |k| does not
/// move it; nothing where a neighbour is as high.
std::optional<PointYX> top_at(const ScanSpectrum& spectrum, Index y, Index x) {
  const Index ny = spectrum.ny, nx = spectrum.nx, middle = (y + ny) % ny * nx + (x + nx) % nx;
  const auto at = [&](Index dy, Index dx) {
    return spectrum.power((y + dy + ny) % ny * nx + (x + dx + nx) % nx, middle);
  };
  const double here = at(0, 0);
  for (Index dy = -1; dy <= 1; ++dy)
    for (Index dx = -1; dx <= 1; ++dx)
      if ((dy != 0 || dx != 0) && at(dy, dx) >= here) return std::nullopt;
  return mapped(spectrum.to_k, {static_cast<double>(y) + beside(at(-1, 0), here, at(1, 0)),
                                static_cast<double>(x) + beside(at(0, -1), here, at(0, 1))});
}

/// Of each bin the largest share, of all channels, of the channel's strongest power.
std::vector<double> shares_of_strongest(const ScanSpectrum& spectrum) {
  std::vector<double> shares(spectrum.radius.size(), 0.0);
  for (const ScanSpectrum::Channel& channel : spectrum.channels) {
    double strongest = 0;
    for (std::size_t i = 0; i < shares.size(); ++i)
      if (spectrum.radius[i] >= 0) strongest = std::max(strongest, channel.power[i]);
    for (std::size_t i = 0; strongest > 0 && i < shares.size(); ++i)
      shares[i] = std::max(shares[i], channel.power[i] / strongest);
  }
  return shares;
}

}  // namespace

std::vector<Spot> find_spots(const ScanSpectrum& spectrum) {
  constexpr std::size_t most = 40;
  constexpr double weakest = 2e-3;  // above the side lobes of the taper
  const Index ny = spectrum.ny, nx = spectrum.nx;
  const std::vector<double> shares = shares_of_strongest(spectrum);
  const double threshold = spectrum.threshold();
  std::vector<Spot> spots;
  for (Index y = 0; y <= ny / 2; ++y)
    for (Index x = -(nx / 2); x < (nx + 1) / 2; ++x) {
      const Index bin = y * nx + (x + nx) % nx;
      if ((y == 0 && x <= 0) || shares[bin] < weakest) continue;
      const double power = spectrum.power(bin);
      if (power < threshold) continue;
      if (const auto k = top_at(spectrum, y, x)) spots.push_back({*k, power});
    }
  std::ranges::sort(spots, [](const Spot& a, const Spot& b) { return a.power > b.power; });
  if (spots.size() > most) spots.resize(most);
  return spots;
}

}  // namespace tessera
