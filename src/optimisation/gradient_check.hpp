#pragma once

#include "src/optimisation/problem.hpp"

namespace tessera {

/// What was found of one unknown at the present values.
struct GradientCheck {
  std::string name;
  double dot_gap = 0;       ///< |<w, J v> - <J^T w, v>| over the larger, both summed over two w: 0 but for rounding
  double taylor_order = 0;  ///< at which |f(h) - f(0) - h f'| falls: 2
  double diagonal = 0;      ///< Fisher diagonal as scales and weights use it, over that by tangents: 1

  bool passes(double dot_tolerance) const {
    return dot_gap <= dot_tolerance && std::abs(taylor_order - 2) <= 0.05 && std::abs(diagonal - 1) <= 0.1;
  }
};

/// Moves everything off its start, where much has no slope: the object by random phases of 0.1 rad (and absorptions of
/// 0.01), each parameter with a prior by a tenth of it (collective order, no communication).
template <class Real>
void leave_start(Problem<Real>& problem);

/// Checks object and all parameters, each by itself and, as "all", together, with random directions (collective). The
/// problem's values are as before afterwards. Diagonals are compared by `probes` random sweeps where there are many
/// components, and by eight times as many where these find a difference; 0: they are taken for right. Costs about
/// 18 + 2 probes sweeps an unknown.
template <class Real>
std::vector<GradientCheck> check_gradients(Problem<Real>& problem, int probes, std::uint64_t seed = 1);

}  // namespace tessera
