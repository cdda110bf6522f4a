#pragma once

#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/reconstruct/metrics.hpp"

namespace tessera {

/// result.emd and the pictures from the values that the problem holds (collective). Every file appears whole or not.
template <class Real>
void write_reconstruction(Problem<Real>& problem, const Experiment& experiment, const RunFigures& figures,
                          const OutputPlace& place);

/// Bytes that writing takes on this rank beside the problem's.
template <class Real>
std::size_t output_bytes(Problem<Real>& problem);

/// What result.emd takes on the disk at the least.
template <class Real>
Index result_bytes(const ModelShape& shape, const Experiment& experiment);

}  // namespace tessera
