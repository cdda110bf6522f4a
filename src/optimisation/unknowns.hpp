#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/optimisation/problem.hpp"

namespace tessera {

/// How an unknown grows with the problem, and so who owns it: voxels follow the tiles, a global one is split evenly.
enum class Extent { voxel, global };

/// One row of the table of unknowns: what the solver, the result and the tests need to know. The functions move this
/// rank's `local_size` reals between a vector and the problem; a new unknown is a row here, its operator in src/model
/// and its test.
struct Unknown {
  std::string name;
  std::string unit;
  Extent extent = Extent::voxel;
  Index local_size = 0;
  std::function<void(std::span<const double>)> pull;  ///< vector to problem (collective)
  std::function<void(std::span<double>)> push;        ///< problem to vector
  std::function<void(std::span<double>)> push_gradient;
  std::function<void(std::span<double>)> curvature;    ///< Fisher diagonal, damped (collective)
  std::function<void(std::span<double>)> lower_bound;  ///< empty when there is none
};

/// All unknowns of a problem, which must outlive the table.
template <class Real>
std::vector<Unknown> unknown_table(Problem<Real>& problem);

/// The share of `rank` when n reals are split evenly over `size` ranks: [first, last).
std::pair<Index, Index> even_share(Index n, int rank, int size);

/// The median over all ranks of the values at or above `floor` (collective): found by bisection, so that no rank
/// gathers anything and the answer does not depend on their number.
double distributed_median(const Comm& comm, std::span<const double> values, double floor);

/// A tenth of the largest curvature damps what little light reached (the rim of the object).
inline constexpr double damping = 0.1;

}  // namespace tessera
