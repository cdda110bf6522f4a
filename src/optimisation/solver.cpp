#include "src/optimisation/solver.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "src/base/clock.hpp"
#include "src/optimisation/objective.hpp"
#include "src/optimisation/tao_run.hpp"

namespace tessera {

namespace {

/// Iterations at which the set of unknowns changes; 0 first.
std::vector<int> boundaries(const SolveSettings& settings) {
  std::set<int> starts{0};
  for (const auto& [name, from] : settings.from)
    if (from < settings.iterations) starts.insert(from);
  return {starts.begin(), starts.end()};
}

std::vector<Unknown> active_at(const std::vector<Unknown>& table, const SolveSettings& settings, int iteration) {
  std::vector<Unknown> active;
  for (const Unknown& unknown : table)
    if (const auto found = settings.from.find(unknown.name); found != settings.from.end() && found->second <= iteration)
      active.push_back(unknown);
  return active;
}

std::vector<SolvedUnknown> solved_unknowns(const Comm& comm, const std::vector<Unknown>& table,
                                           const SolveSettings& settings) {
  std::vector<SolvedUnknown> solved;
  for (const auto& [name, from] : settings.from) {
    const auto row = std::ranges::find(table, name, &Unknown::name);
    TESSERA_ASSERT(row != table.end(), name);
    solved.push_back({name, row->unit, row->extent, comm.sum(row->local_size), from});
  }
  return solved;
}

}  // namespace

double solver_vectors(const SolveSettings& settings, bool bounded) {
  const double bounds = bounded ? 2 : 0;
  if (settings.method == "blmvm" || settings.method == "lmvm") return 3.0 * settings.history + 14 + bounds;
  if (settings.method == "bqnls") return 3.0 * settings.history + 20 + bounds;
  if (settings.method == "bncg") return 30 + 3 * bounds;
  return 10;
}

template <class Real>
SolveReport solve(Problem<Real>& problem, const SolveSettings& settings,
                  const std::function<void(const Iterate&)>& on_iteration) {
  const std::vector<Unknown> table = unknown_table(problem);
  const std::vector<int> starts = boundaries(settings);
  const double start_s = now_s();
  SolveReport report;
  report.unknowns = solved_unknowns(problem.comm(), table, settings);
  if (settings.expected_loss > 0) problem.track_expected_loss();
  const auto limit_text = [&] { return fmt::format("reached solve.max_gradients = {}", settings.max_gradients); };
  const auto at_limit = [&] { return settings.max_gradients > 0 && report.gradients >= settings.max_gradients; };
  const auto evaluate = [&] {
    if (at_limit()) throw TaoRun::Stop{limit_text()};
    const double begin_s = now_s();
    const double f = problem.evaluate();
    report.gradient_seconds.push_back(now_s() - begin_s);
    ++report.gradients;
    return f;
  };
  const auto decide = [&](const Iterate& iterate) -> std::optional<std::string> {
    const bool first = report.loss.empty();
    const double before = first ? 0 : report.loss.back();
    const bool new_iterate = first || iterate.iteration > report.iterations;  // not the start of a further segment
    if (new_iterate) {
      report.loss.push_back(iterate.loss);
      report.iterations = iterate.iteration;
      on_iteration(iterate);
    }
    if (problem.interrupted()) {
      report.interrupted = true;
      return "stopped by a signal";
    }
    if (at_limit()) return limit_text();
    if (settings.expected_loss > 0 && problem.data_loss() <= settings.expected_loss * problem.expected_loss())
      return fmt::format("the loss of the data reached {} times the value {:.6g} expected at this dose",
                         settings.expected_loss, problem.expected_loss());
    if (!first && new_iterate && settings.relative_decrease > 0 &&
        before - iterate.loss < settings.relative_decrease * before)
      return fmt::format("an iteration lowered the loss by less than solve.relative_decrease = {}",
                         settings.relative_decrease);
    return std::nullopt;
  };
  std::optional<double> carried;
  for (std::size_t segment = 0; segment < starts.size(); ++segment) {
    const bool last = segment + 1 == starts.size();
    Objective objective(problem.comm(), active_at(table, settings, starts[segment]), evaluate);
    TaoRun run(problem.comm(), objective, settings, problem.first_step());
    const int first_iteration = report.iterations;
    const SegmentEnd end =
        run.solve((last ? settings.iterations : starts[segment + 1]) - first_iteration, carried,
                  [&](int iteration, double f, double norm) {
                    return decide({first_iteration + iteration, report.gradients, f, norm, now_s() - start_s});
                  });
    carried = end.value;
    report.stop_reason = end.reason;
    report.diverged = end.diverged;
    if (end.decided || end.diverged) break;
  }
  report.seconds = now_s() - start_s;
  return report;
}

template SolveReport solve(Problem<float>&, const SolveSettings&, const std::function<void(const Iterate&)>&);
template SolveReport solve(Problem<double>&, const SolveSettings&, const std::function<void(const Iterate&)>&);

}  // namespace tessera
