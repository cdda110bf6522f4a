#include "src/workflow/preprocess/scan_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/constants.hpp"
#include "src/base/median.hpp"

namespace tessera {

namespace {

double hann(Index i, Index n) {
  return 0.5 - 0.5 * std::cos(2 * pi * (static_cast<double>(i) + 0.5) / static_cast<double>(n));
}

Index bins_from_zero(Index k, Index n) { return k < (n + 1) / 2 ? k : k - n; }

/// |FFT|^2 of an image without its mean, tapered and padded to [ny, nx].
std::vector<double> power_of(const std::vector<double>& image, const ScanImages& images, const FftPlan<double>& plan,
                             Index ny, Index nx) {
  double sum = 0, weights = 0;
  for (Index r = 0; r < images.rows; ++r)
    for (Index c = 0; c < images.columns; ++c) {
      const double w = hann(r, images.rows) * hann(c, images.columns);
      sum += w * image[r * images.columns + c];
      weights += w;
    }
  Array<Complex<double>> values(DeviceKind::host, ny * nx);
  Complex<double>* v = values.data();
  std::fill_n(v, ny * nx, Complex<double>{0, 0});
  for (Index r = 0; r < images.rows; ++r)
    for (Index c = 0; c < images.columns; ++c)
      v[r * nx + c] = {hann(r, images.rows) * hann(c, images.columns) * (image[r * images.columns + c] - sum / weights),
                       0};
  plan.forward(v, 1);
  std::vector<double> power;
  power.reserve(static_cast<std::size_t>(ny * nx));
  for (Index i = 0; i < ny * nx; ++i) power.push_back(v[i].re * v[i].re + v[i].im * v[i].im);
  return power;
}

/// |k| of each bin in widths of a ring, or -1 below the lowest.
std::vector<double> radii_of(const ScanSpectrum& spectrum, double lowest_invA, double width_invA) {
  std::vector<double> radii;
  for (Index y = 0; y < spectrum.ny; ++y)
    for (Index x = 0; x < spectrum.nx; ++x) {
      const PointYX k = mapped(spectrum.to_k, {static_cast<double>(bins_from_zero(y, spectrum.ny)),
                                               static_cast<double>(bins_from_zero(x, spectrum.nx))});
      const double length = std::hypot(k.y, k.x);
      radii.push_back(length < lowest_invA ? -1 : length / width_invA);
    }
  return radii;
}

/// The mean power of noise in each ring: its power is distributed exponentially, and so the mean is the median over
/// ln 2. Rings with less than `least` bins, which the corners of a spectrum are, are taken for the one below.
std::vector<double> noise_of_rings(const std::vector<double>& power, const std::vector<double>& radii,
                                   std::size_t least) {
  const double largest = std::max(0.0, *std::ranges::max_element(radii));
  std::vector<std::vector<double>> of_ring(static_cast<std::size_t>(largest) + 1);
  for (std::size_t i = 0; i < radii.size(); ++i)
    if (radii[i] >= 0) of_ring[static_cast<std::size_t>(radii[i])].push_back(power[i]);
  std::vector<double> noise;
  for (std::vector<double>& ring : of_ring) {
    const bool few = ring.size() < least && !noise.empty() && noise.back() > 0;
    noise.push_back(few ? noise.back() : median(std::move(ring)) / std::log(2.0));
  }
  return noise;
}

/// Between the middles of rings, so that a spot has no step in it.
double between_rings(const std::vector<double>& noise, double radius) {
  const double at = std::clamp(radius - 0.5, 0.0, static_cast<double>(noise.size()) - 1);
  const auto below = static_cast<std::size_t>(at), above = std::min(below + 1, noise.size() - 1);
  if (!(noise[below] > 0)) return noise[above];  // the rings below the lowest frequency are empty
  return noise[below] + (at - static_cast<double>(below)) * (noise[above] - noise[below]);
}

/// Whether an image shows more than rounding.
bool varies(const std::vector<double>& image) {
  const auto [least, most] = std::ranges::minmax(image);
  return most - least > 1e-9 * std::max(std::abs(least), std::abs(most));
}

}  // namespace

ScanSpectrum scan_spectrum(const ScanImages& images, const Matrix2& step_A, double lowest_invA) {
  const Index pad = std::max(images.rows, images.columns) <= 512 ? 4 : 2;
  ScanSpectrum spectrum{.ny = pad * images.rows, .nx = pad * images.columns, .pad = static_cast<double>(pad)};
  const Matrix2 to_k = transposed(inverse(step_A));  // cycles a step to 1/A
  const auto ny = static_cast<double>(spectrum.ny), nx = static_cast<double>(spectrum.nx);
  spectrum.to_k = {to_k[0] / ny, to_k[1] / nx, to_k[2] / ny, to_k[3] / nx};
  // Four resolved frequencies wide, so that the median of a ring is not one of its spots.
  const double width = 4 * spectrum.pad * std::sqrt(std::abs(determinant(spectrum.to_k)));
  spectrum.radius = radii_of(spectrum, lowest_invA, width);
  const FftPlan<double> plan(DeviceKind::host, spectrum.ny, spectrum.nx, 1, FftEffort::once);
  for (const std::vector<double>& image : images.channels) {
    if (!varies(image)) continue;
    ScanSpectrum::Channel channel{.power = power_of(image, images, plan, spectrum.ny, spectrum.nx), .noise = {}};
    constexpr Index resolved = 16;
    channel.noise = noise_of_rings(channel.power, spectrum.radius, static_cast<std::size_t>(resolved * pad * pad));
    spectrum.channels.push_back(std::move(channel));
  }
  return spectrum;
}

double ScanSpectrum::power(Index i, Index at) const {
  if (radius[at] < 0) return 0;
  double sum = 0;
  for (const Channel& channel : channels) {
    const double unit = between_rings(channel.noise, radius[at]);
    if (unit > 0) sum += channel.power[i] / unit;
  }
  return sum;
}

double ScanSpectrum::threshold() const {
  // An exponential number of mean 1 passes ln(N) + 7 once in a thousand sets of N; n times the same one n times that.
  const double resolved = static_cast<double>(ny * nx) / (pad * pad);
  return static_cast<double>(channels.size()) * (std::log(resolved) + 7);
}

}  // namespace tessera
