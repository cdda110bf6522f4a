#include "src/workflow/reconstruct/gradient_report.hpp"

#include "src/optimisation/curvature.hpp"
#include "src/optimisation/gradient_check.hpp"

namespace tessera {

template <class Real>
int report_gradients(Problem<Real>& problem, bool regularised, Progress& progress) {
  constexpr int probes = 16;
  constexpr double dot_tolerance = 1e-11;
  if (regularised) problem.set_penalty_unit(penalty_unit(problem));
  leave_start(problem);
  problem.reweigh();
  bool good = true;
  progress.line(fmt::format("{:18} {:>10} {:>12} {:>10}", "unknown", "dot gap", "Taylor order", "curvature"));
  for (const GradientCheck& check : check_gradients(problem, probes)) {
    progress.line(fmt::format("{:18} {:10.1e} {:12.4f} {:10.3f}  {}", check.name, check.dot_gap, check.taylor_order,
                              check.diagonal, check.passes(dot_tolerance) ? "" : "FAILS"));
    good = good && check.passes(dot_tolerance);
  }
  return static_cast<int>(good ? ExitCode::done : ExitCode::internal);
}

template int report_gradients(Problem<float>&, bool, Progress&);
template int report_gradients(Problem<double>&, bool, Progress&);

}  // namespace tessera
