#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "src/optimisation/problem.hpp"

namespace tessera {

/// What Cramer and Rao allow an unknown while all others are free, too.
struct JointError {
  double variance = 0;  ///< mean over the unknown's values, in the program's unit squared
  /// How much of it the last quarter of the products still added: the bound is at least `variance`, by about so much.
  double growth = 0;
};

/// By default what is found is 3 % below what 300 products of four vectors find (perf/README.md).
struct JointErrorSettings {
  int products = 40;  ///< with the Fisher matrix for each vector at the most, of about two gradients
  int signs = 2;      ///< random vectors
  std::uint64_t seed = 1;
  std::function<bool()> stop = [] { return false; };  ///< asked before each product; alike on all ranks
};

/// The mean of the diagonal of the block of one parameter in (F + P)^-1, F the Fisher matrix of the object and all
/// active parameters, P the priors (not the regularisers), on what the solver may move, at the present values after
/// `Problem::update` (collective). For random signs z on the parameter, <z^T (F + P)^-1 z> is its trace (a global one
/// of no more values than `signs` is taken value by value: exact); conjugate gradients in the solver's scaled variables
/// raise z^T x_k to it from below at every product, so that it is never overstated. Holds six vectors of all variables.
/// Nothing when it was stopped. The trace after M. F. Hutchinson, Commun. Stat. Simul. Comput. 19, 433 (1990); the
/// bounds from below after G. H. Golub and G. Meurant, Matrices, Moments and Quadrature (2010).
template <class Real>
std::optional<JointError> joint_error(Problem<Real>& problem, std::size_t which, const JointErrorSettings& settings);

}  // namespace tessera
