#pragma once

#include <functional>
#include <span>
#include <vector>

#include "src/parallel/comm.hpp"

namespace tessera {

/// The directions in which patterns differ most from nothing, in units of their counting noise.
struct PrincipalBasis {
  std::vector<float> weights;  ///< [channel, pixel] rows to multiply a pattern with
  std::vector<double> values;  ///< [channel] mean square of each channel
  double total = 0;            ///< of all, as if there were a channel for each pixel
};

/// Hands over every pattern of this rank once, [pixel], in any order (collective).
using EachPattern = std::function<void(const std::function<void(std::span<const double> pattern)>& use)>;

/// Principal components of x = pattern scale, [pixel], about zero: eigenvectors of C = mean of x x^T, of which only
/// products with `channels` + 8 vectors are formed, in two passes: Q spans C Omega for random Omega, and the
/// eigenvectors are those of Q^T C Q (N. Halko, P. Martinsson and J. Tropp, SIAM Rev. 53, 2011). `square` [pixel] is
/// the mean of x^2. The same bits on any number of ranks. Memory: five times pixels x (channels + 8) doubles; cost of a
/// pattern: four times as many operations, twice. `channels` is at most the number of pixels whose scale is not zero.
PrincipalBasis principal_basis(const Comm& comm, const EachPattern& each, std::span<const double> scale,
                               std::span<const double> square, double patterns, Index channels, int seed);

}  // namespace tessera
