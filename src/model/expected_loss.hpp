#pragma once

#include <vector>

#include "kernels/likelihood.hpp"

namespace tessera {

/// E[loss(mu, y)] of Poisson counts y with mean mu, at mu = exp(log_first + i log_step). It is about 1/2 at high counts
/// only (physics of low counts: 0.05 at mu = 0.01), so a stopping rule needs the table.
struct ExpectedLossTable {
  double log_first = 0;
  double log_step = 0;
  std::vector<double> values;
};

ExpectedLossTable expected_loss_table(const Loss& loss);

/// The loss of one pixel in double precision (the formulas of kernels/likelihood.hpp).
double pixel_loss(const Loss& loss, double mu, double y);

}  // namespace tessera
