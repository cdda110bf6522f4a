#include "src/workflow/reconstruct/joint_errors.hpp"

#include <algorithm>
#include <cmath>

#include "src/optimisation/joint_error.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

template <class Real>
void add_joint_errors(Problem<Real>& problem, const std::vector<std::string>& names, Progress& progress,
                      std::vector<ParameterSummary>& summaries) {
  if (names.empty()) return;
  problem.update();
  for (const std::string& name : names) {
    const auto parameter =
        std::ranges::find(problem.parameters(), name, [](const Parameter& p) { return p.row->name; });
    const auto summary = std::ranges::find(summaries, name, &ParameterSummary::name);
    TESSERA_ASSERT(parameter != problem.parameters().end() && summary != summaries.end(), name);
    if (!parameter->active) {
      progress.line(fmt::format("joint error of {}: the solve ended before it was refined", name));
      continue;
    }
    const double unit = parameter->row->unit_factor;
    const auto stop = [&] { return agreed_signal(problem.comm()) != 0; };
    const auto found =
        joint_error(problem, static_cast<std::size_t>(parameter - problem.parameters().begin()), {.stop = stop});
    if (!found) return progress.line(fmt::format("joint error of {}: stopped by a signal", name));
    summary->joint_error = std::sqrt(found->variance) / unit;
    const double growth = summary->joint_error - std::sqrt(found->variance - found->growth) / unit;
    progress.line(fmt::format(
        "joint error of {}: {:.3g} {} with all else free, {:.3g} with all else known (still "
        "rising by {:.1g} %)",
        name, summary->joint_error, summary->unit, summary->standard_error, 100 * growth / summary->joint_error));
  }
}

template void add_joint_errors(Problem<float>&, const std::vector<std::string>&, Progress&,
                               std::vector<ParameterSummary>&);
template void add_joint_errors(Problem<double>&, const std::vector<std::string>&, Progress&,
                               std::vector<ParameterSummary>&);

}  // namespace tessera
