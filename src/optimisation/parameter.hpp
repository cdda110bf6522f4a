#pragma once

#include <memory>
#include <vector>

#include "src/model/unknown.hpp"
#include "src/optimisation/prior.hpp"

namespace tessera {

/// An unknown that a run knows, with its values: [position, components] of this rank, or the whole on every rank.
struct Parameter {
  const UnknownRow* row = nullptr;
  std::unique_ptr<Unknown> map;
  double prior = 0;                  ///< standard deviation about the start; 0: none
  std::vector<Prior> priors;         ///< all of them, that one too
  std::vector<double> value, start;  ///< in the program's units
  std::vector<double> gradient;      ///< of the last evaluation, over all ranks; when active
  bool active = false;               ///< the gradient is wanted

  Extent extent() const { return row->extent; }
  /// Of all priors, along any one value at the most.
  double prior_curvature() const {
    double sum = 0;
    for (const Prior& one : priors) sum += one.curvature();
    return sum;
  }
};

/// Which unknowns a run has beside the object, and what the user gave for them.
struct UnknownChoice {
  const UnknownRow* row = nullptr;
  UnknownSettings settings;
};

}  // namespace tessera
