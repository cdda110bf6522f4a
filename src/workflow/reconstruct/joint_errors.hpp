#pragma once

#include "src/optimisation/problem.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// Adds Cramer and Rao's bound with everything refined at the same time free (joint_error.hpp) to the summaries of
/// `names`, at the values that the problem has (collective). A line of progress for each. A signal ends it between two
/// products; then what is not done is not added.
template <class Real>
void add_joint_errors(Problem<Real>& problem, const std::vector<std::string>& names, Progress& progress,
                      std::vector<ParameterSummary>& summaries);

}  // namespace tessera
