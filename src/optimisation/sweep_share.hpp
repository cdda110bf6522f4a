#pragma once

#include <vector>

#include "src/optimisation/parameter.hpp"
#include "src/optimisation/sweep.hpp"
#include "src/parallel/shared_sum.hpp"

namespace tessera {

/// The sums over ranks of what a sweep gives: losses, the gradients of global unknowns, what priors need. They start
/// when it is made and cross while the object's gradient does (collective; `finish` or the end of its life waits).
class SweepShare {
 public:
  struct Totals {
    double loss = 0, held_out = 0, expected = 0;
    double priors = 0;
  };

  /// A rank whose sweep failed takes part all the same: gradients have their lengths.
  SweepShare(const Comm& comm, const SweepSums& sums, std::vector<Parameter>& parameters);
  /// Sets the global gradients, and adds those of the priors.
  Totals finish();

 private:
  std::vector<Parameter>& parameters_;
  SharedSum sum_;
  SharedSum::Part loss_, held_out_, expected_;
  std::vector<SharedSum::Part> gradients_;  ///< [parameter]; empty of those that are not global
  PriorSums priors_;
};

}  // namespace tessera
