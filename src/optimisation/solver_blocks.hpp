#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/optimisation/problem.hpp"

namespace tessera {

/// One unknown as the solver sees it: this rank's `local_size` reals of the vector, and how they are moved between it
/// and the problem. The object's follow its tiles, those of positions lie with them, global ones are split evenly.
struct SolverBlock {
  std::string name;
  std::string unit;
  Extent extent = Extent::voxel;
  Index local_size = 0;
  std::function<void(std::span<const double>)> pull;  ///< vector to problem (collective)
  std::function<void(std::span<double>)> push;        ///< problem to vector
  std::function<void(std::span<double>)> push_gradient;
  /// D: variables are x = sqrt(D) u (collective). Voxels have their light and its maximum, so that D lies within a
  /// factor of two: what converges best, by measurement (perf/README.md); it is not their curvature.
  std::function<void(std::span<double>)> scale;
  std::function<void(std::span<double>)> lower_bound;  ///< empty when there is none
  std::function<void(bool)> activate;                  ///< whether its gradient is wanted
};

/// The object and all parameters of a problem, which must outlive the blocks.
template <class Real>
std::vector<SolverBlock> solver_blocks(Problem<Real>& problem);

/// The share of `rank` when n reals are split evenly over `size` ranks: [first, last).
std::pair<Index, Index> even_share(Index n, int rank, int size);

/// A good step along -g in scaled variables: scales are means over all spatial frequencies, of which the band limit
/// and the detector let a share a_bl pass, so that what the data see is curved by 1/a_bl.
template <class Real>
double first_step(const Problem<Real>& problem);

}  // namespace tessera
