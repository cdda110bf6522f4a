#include "src/model/virtual_detectors.hpp"

#include <cmath>

#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Adds row `i` times `factor` to values [pixel].
void add_row(const VirtualDetectors& from, Index i, double factor, std::span<double> values) {
  for (Index k = from.start[i]; k < from.start[i + 1]; ++k) values[from.pixel[k]] += factor * from.weight[k];
}

double row_times(const VirtualDetectors& from, Index i, std::span<const double> values) {
  double sum = 0;
  for (Index k = from.start[i]; k < from.start[i + 1]; ++k) sum += from.weight[k] * values[from.pixel[k]];
  return sum;
}

}  // namespace

VirtualDetectors transpose(const VirtualDetectors& from, Index pixels) {
  VirtualDetectors to{.channels = pixels};
  to.start.assign(static_cast<std::size_t>(pixels + 1), 0);
  for (const Index pixel : from.pixel) ++to.start[pixel + 1];
  for (Index i = 0; i < pixels; ++i) to.start[i + 1] += to.start[i];
  std::vector<Index> next = to.start;
  to.pixel.resize(from.pixel.size());
  to.weight.resize(from.pixel.size());
  for (Index c = 0; c < from.channels; ++c)
    for (Index k = from.start[c]; k < from.start[c + 1]; ++k) {
      const Index at = next[from.pixel[k]]++;
      to.pixel[at] = c;
      to.weight[at] = from.weight[k];
    }
  return to;
}

std::vector<double> record(const VirtualDetectors& detectors, std::span<const double> pixels) {
  std::vector<double> channels;
  for (Index i = 0; i < detectors.channels; ++i) channels.push_back(row_times(detectors, i, pixels));
  return channels;
}

std::vector<double> spread(const VirtualDetectors& detectors, std::span<const double> channels, Index pixels) {
  std::vector<double> values(static_cast<std::size_t>(pixels), 0.0);
  for (Index i = 0; i < detectors.channels; ++i) add_row(detectors, i, channels[i], values);
  return values;
}

Whitening::Whitening(const VirtualDetectors& detectors, std::span<const double> mean)
    : n_(detectors.channels), pixels_(static_cast<Index>(mean.size())), lower_(static_cast<std::size_t>(n_ * n_), 0.0) {
  constexpr double smallest = 1e-10;  // of a channel's variance, that the channels before it leave
  for (Index i = 0; i < n_; ++i) {
    std::vector<double> row(mean.size(), 0.0);
    add_row(detectors, i, 1, row);
    for (std::size_t q = 0; q < row.size(); ++q) row[q] *= mean[q];
    for (Index j = 0; j <= i; ++j) {
      const double covariance = row_times(detectors, j, row);
      double rest = covariance;
      for (Index k = 0; k < j; ++k) rest -= lower_[i * n_ + k] * lower_[j * n_ + k];
      if (j < i) {
        lower_[i * n_ + j] = rest / lower_[j * n_ + j];
        continue;
      }
      if (!(rest > smallest * covariance))
        throw InputError(ExitCode::data_wrong,
                         fmt::format("channel {} is a sum of channels before it in the pixels that counts reach, or "
                                     "counts nothing there; leave it out",
                                     i));
      lower_[i * n_ + i] = std::sqrt(rest);
    }
  }
}

VirtualDetectors Whitening::whiten(const VirtualDetectors& detectors) const {
  VirtualDetectors white{.channels = n_, .start = {0}};
  for (Index i = 0; i < n_; ++i) {
    // Row i of L^-1, from L^T x = e_i backwards.
    std::vector<double> inverse(static_cast<std::size_t>(i + 1), 0.0);
    inverse[i] = 1 / lower_[i * n_ + i];
    for (Index j = i; j-- > 0;) {
      double sum = 0;
      for (Index k = j + 1; k <= i; ++k) sum -= inverse[k] * lower_[k * n_ + j];
      inverse[j] = sum / lower_[j * n_ + j];
    }
    std::vector<double> row(static_cast<std::size_t>(pixels_), 0.0);
    for (Index j = 0; j <= i; ++j)
      if (inverse[j] != 0) add_row(detectors, j, inverse[j], row);
    for (Index q = 0; q < pixels_; ++q) {
      if (row[q] == 0) continue;
      white.pixel.push_back(q);
      white.weight.push_back(row[q]);
    }
    white.start.push_back(static_cast<Index>(white.pixel.size()));
  }
  return white;
}

void Whitening::whiten(std::span<double> channels) const {
  for (Index i = 0; i < n_; ++i) {
    for (Index k = 0; k < i; ++k) channels[i] -= lower_[i * n_ + k] * channels[k];
    channels[i] /= lower_[i * n_ + i];
  }
}

std::vector<double> Whitening::weigh(std::span<const double> channels) const {
  std::vector<double> weighed(channels.begin(), channels.end());
  whiten(weighed);
  for (Index i = n_; i-- > 0;) {
    for (Index k = i + 1; k < n_; ++k) weighed[i] -= lower_[k * n_ + i] * weighed[k];
    weighed[i] /= lower_[i * n_ + i];
  }
  return weighed;
}

}  // namespace tessera
