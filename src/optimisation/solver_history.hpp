#pragma once

#include <deque>

#include "src/optimisation/objective.hpp"

namespace tessera {

/// The last accepted points of a solve with their gradients, in the program's units: what an L-BFGS knows of f, for a
/// segment that goes on with the same unknowns in other scales. A matrix of m pairs comes from m + 1 points; two
/// vectors each.
class SolverHistory {
 public:
  explicit SolverHistory(int pairs) : most_(static_cast<std::size_t>(pairs) + 1) {}

  /// Forgets all: for other unknowns.
  void clear() { points_.clear(); }
  bool empty() const { return points_.empty(); }
  /// Keeps copies of x and its gradient, both in the scales of `objective`; the oldest point goes where there are
  /// enough.
  void add(const Objective& objective, Vec x, Vec gradient);
  std::size_t size() const { return points_.size(); }
  /// Point i, the oldest first, and its gradient in the scales of `objective`.
  void restore(std::size_t i, const Objective& objective, Vec x, Vec gradient) const;

 private:
  struct Point {
    PetscVector x, gradient;
  };
  std::size_t most_;
  std::deque<Point> points_;
};

}  // namespace tessera
