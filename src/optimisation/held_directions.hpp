#pragma once

#include <span>
#include <vector>

#include "src/parallel/comm.hpp"

namespace tessera {

/// A few directions of an unknown that has values at all positions, made orthonormal over all ranks: what it must not
/// move along. Memory: their number times the values of this rank; a projection is one sum of as many numbers over
/// ranks.
class HeldDirections {
 public:
  /// `directions` [direction][value of this rank] (collective). One that the others span is left out.
  HeldDirections(const Comm& comm, std::vector<std::vector<double>> directions);
  bool any() const { return !directions_.empty(); }
  /// values -= sum_m q_m <q_m, values> (collective).
  void remove(std::span<double> values) const;

 private:
  const Comm& comm_;
  std::vector<std::vector<double>> directions_;
};

}  // namespace tessera
