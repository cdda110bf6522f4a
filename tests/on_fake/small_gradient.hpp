#pragma once

#include "tests/fake_cuda/fake_cuda.hpp"
#include "tests/support/evaluation.hpp"

namespace tessera::testing {

/// Four batches of two positions that two lanes share: small enough for a thousand orders of their work.
inline SmallProblem two_lanes(DeviceKind device) {
  return {.device = device,
          .window = {.ny = 8, .nx = 12, .dy_A = 0.35, .dx_A = 0.25},
          .slices = 2,
          .modes = 2,
          .batch = 2,
          .rows = 2,
          .columns = 4,
          .unknowns = {"positions", "dose", "background"},
          .lanes = 2};
}

/// Loss and gradients of such a problem on a device.
inline Evaluation small_gradient(const Comm& comm, const std::vector<std::uint16_t>& counts, DeviceKind device) {
  Problem<float> problem = problem_of<float>(two_lanes(device), comm, counts);
  return evaluated(problem);
}

/// One sweep of a problem, as Problem::evaluate makes it: for the gradients of all its unknowns.
inline void sweep_once(Problem<float>& problem, bool with_expected) {
  const SweepSums sums = problem.sweep().gradient(problem.schedule(), with_expected, [](Index) {});
  if (sums.failure) std::rethrow_exception(sums.failure);
}
inline void begin_sweep(Problem<float>& problem) {
  Instrument wanted;
  wanted.sites.resize(static_cast<std::size_t>(problem.shape().slices + 1));
  for (const Parameter& parameter : problem.parameters()) parameter.map->want(wanted);
  problem.model().begin(wanted);
}

/// The largest of the gaps between two evaluations; infinite where something is not a number.
inline double largest_gap(const Evaluation& there, const Evaluation& here) {
  double largest = 0;
  for (const auto& [part, gap] : gaps_between(there, here))
    largest = gap <= largest ? largest : std::isnan(gap) ? HUGE_VAL : gap;
  return largest;
}

}  // namespace tessera::testing
