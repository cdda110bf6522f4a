#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/small_problem.hpp"

namespace tessera::testing {

/// What a case of the matrix puts together, each by its name.
struct MatrixCase {
  std::string unknown;  ///< "all": all of them together
  std::string loss, representation, stage;
  SmallProblem small;
  bool chosen = false;  ///< for what takes too long in all: a fifth of the cases, in which each three of the four meet
};

/// Every unknown, and all together, with every loss, representation and stage of the detector.
std::vector<MatrixCase> unknown_matrix();

/// Adds a test case with its name: dot and Taylor tests of object, probe and the unknowns, and, with `diagonals`, their
/// Fisher diagonals against tangents.
void add_gradient_case(const MatrixCase& one, bool diagonals);

}  // namespace tessera::testing
