#pragma once

#include <memory>
#include <span>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// Linear combinations of pixels that are recorded in their place, c = V y: a sparse matrix [channel, pixel] in
/// compressed rows. Weights may be negative.
struct VirtualDetectors {
  Index channels = 0;
  std::vector<Index> start = {};    ///< [channel + 1]
  std::vector<Index> pixel = {};    ///< [entry] in the order of the detector's pixels
  std::vector<double> weight = {};  ///< [entry]

  std::size_t bytes() const { return (start.size() + pixel.size()) * sizeof(Index) + weight.size() * sizeof(double); }
};

/// Sets of as many channels each, shared by whatever copies a setup; null: the pixels themselves are recorded. Every
/// rank holds all sets.
using VirtualSets = std::shared_ptr<const std::vector<VirtualDetectors>>;

/// The same matrix in compressed columns.
VirtualDetectors transpose(const VirtualDetectors& from, Index pixels);

/// sum_q V_iq y_q [channel], in double and in the order of the entries.
std::vector<double> record(const VirtualDetectors& detectors, std::span<const double> pixels);
/// sum_i V_iq c_i [pixel].
std::vector<double> spread(const VirtualDetectors& detectors, std::span<const double> channels, Index pixels);

/// Whitens channels: counts of mean I in the pixels give the channels the covariance V diag(I) V^T = L L^T, and L^-1 c
/// has variance 1 and no correlation (physics: W = (V diag(I) V^T)^-1 is the weight of their least squares). Cost:
/// O(channels x entries + channels^3), once; the square of the channels in memory.
class Whitening {
 public:
  /// Throws InputError when channels are sums of others where I > 0.
  Whitening(const VirtualDetectors& detectors, std::span<const double> mean);
  /// L^-1 V. Where channels share pixels, a row has the pixels of all before it: sparse detectors stay sparse only
  /// where they do not overlap.
  VirtualDetectors whiten(const VirtualDetectors& detectors) const;
  /// L^-1 c in place.
  void whiten(std::span<double> channels) const;
  /// W c = L^-T L^-1 c.
  std::vector<double> weigh(std::span<const double> channels) const;

 private:
  Index n_;
  Index pixels_;
  std::vector<double> lower_;  ///< [channel, channel]
};

}  // namespace tessera
