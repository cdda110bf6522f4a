#include "src/optimisation/solver.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "src/base/clock.hpp"
#include "src/optimisation/held_out_watch.hpp"
#include "src/optimisation/objective.hpp"
#include "src/optimisation/tao_run.hpp"

namespace tessera {

namespace {

constexpr const char* by_signal = "stopped by a signal";
constexpr const char* stuck_at_start = "no step from the start lowers the loss";

/// Iterations at which a segment begins, 0 first: where the set of unknowns changes, and where scales are refreshed.
std::vector<int> segment_starts(const SolveSettings& settings) {
  std::set<int> changes{0};
  for (const auto& [name, range] : settings.refine)
    for (const int at : {range.from, range.until})
      if (at < settings.iterations) changes.insert(at);
  std::set<int> starts = changes;
  for (auto change = changes.begin(); settings.refresh > 0 && change != changes.end(); ++change) {
    const int end = std::next(change) == changes.end() ? settings.iterations : *std::next(change);
    for (int at = *change + settings.refresh; at < end; at += settings.refresh) starts.insert(at);
  }
  return {starts.begin(), starts.end()};
}

bool is_active(const SolverBlock& block, const SolveSettings& settings, int iteration) {
  const auto found = settings.refine.find(block.name);
  return found != settings.refine.end() && found->second.holds(iteration);
}

std::vector<SolverBlock> active_at(const std::vector<SolverBlock>& blocks, const SolveSettings& settings,
                                   int iteration) {
  std::vector<SolverBlock> active;
  for (const SolverBlock& block : blocks)
    if (is_active(block, settings, iteration)) active.push_back(block);
  return active;
}

/// For an evaluation: the step to the end of a segment makes the gradients that the next one begins with, too.
void activate(const std::vector<SolverBlock>& blocks, const SolveSettings& settings, int iteration) {
  for (const SolverBlock& block : blocks)
    block.activate(is_active(block, settings, iteration) || is_active(block, settings, iteration + 1));
}

/// Why no gradient may follow, if so.
std::optional<std::string> gradient_limit(const SolveSettings& settings, const SolveReport& report) {
  if (settings.max_gradients <= 0 || report.gradients < settings.max_gradients) return std::nullopt;
  return fmt::format("reached solve.max_gradients = {}", settings.max_gradients);
}

/// Whether as many gradients were made, or the data fitted as well, as was asked for.
template <class Real>
std::optional<std::string> enough_done(const Problem<Real>& problem, const SolveSettings& settings,
                                       const SolveReport& report) {
  if (auto limit = gradient_limit(settings, report)) return limit;
  const bool fitted =
      settings.expected_loss > 0 && problem.data_loss() <= settings.expected_loss * problem.expected_loss();
  if (!fitted) return std::nullopt;
  return fmt::format("the loss of the data reached {} times the value {:.6g} expected at this dose",
                     settings.expected_loss, problem.expected_loss());
}

/// What says that an iteration brought too little, if it did.
std::optional<std::string> too_small_decrease(const SolveSettings& settings, double before, double loss) {
  const bool small = settings.relative_decrease > 0 && before - loss < settings.relative_decrease * before;
  if (!small) return std::nullopt;
  return fmt::format("an iteration lowered the loss by less than solve.relative_decrease = {}",
                     settings.relative_decrease);
}

/// The loss of everything, with its gradients.
template <class Real>
double timed_evaluation(Problem<Real>& problem, SolveReport& report) {
  const double begin_s = now_s();
  const double f = problem.evaluate();
  report.gradient_seconds.push_back(now_s() - begin_s);
  ++report.gradients;
  return f;
}

std::vector<SolvedUnknown> solved_unknowns(const Comm& comm, const std::vector<SolverBlock>& blocks,
                                           const SolveSettings& settings) {
  std::vector<SolvedUnknown> solved;
  for (const auto& [name, range] : settings.refine) {
    const auto block = std::ranges::find(blocks, name, &SolverBlock::name);
    TESSERA_ASSERT(block != blocks.end(), name);
    solved.push_back({name, block->unit, block->extent, comm.sum(block->local_size), range});
  }
  return solved;
}

}  // namespace

double solver_vectors(const SolveSettings& settings, bool bounded) {
  const double bounds = bounded ? 2 : 0;
  const double kept = settings.stop == StopRule::held_out ? 1 : 0;
  if (settings.method == "blmvm" || settings.method == "lmvm") return 3.0 * settings.history + 14 + bounds + kept;
  if (settings.method == "bqnls") return 3.0 * settings.history + 20 + bounds + kept;
  if (settings.method == "bncg") return 30 + 3 * bounds + kept;
  return 10 + kept;
}

template <class Real>
SolveReport solve(Problem<Real>& problem, const SolveSettings& settings,
                  const std::function<void(const Iterate&)>& on_iteration) {
  const std::vector<SolverBlock> blocks = solver_blocks(problem);
  const std::vector<int> starts = segment_starts(settings);
  const double start_s = now_s();
  SolveReport report;
  report.unknowns = solved_unknowns(problem.comm(), blocks, settings);
  if (settings.expected_loss > 0) problem.track_expected_loss();
  HeldOutWatch<Real> watch(problem, blocks, settings);
  int segment_start = 0;  // iterations may fall short of it, where a segment converged
  const auto evaluate = [&] {
    if (const auto limit = gradient_limit(settings, report)) throw TaoRun::Stop{*limit};
    report.interrupted = !report.loss.empty() && problem.interrupted();  // also seen within a line search
    if (report.interrupted) throw TaoRun::Stop{by_signal};
    activate(blocks, settings, std::max(report.iterations, segment_start));
    const double f = timed_evaluation(problem, report);
    watch.evaluated(f);
    return f;
  };
  const auto decide = [&](Iterate iterate) -> std::optional<std::string> {
    const bool first = report.loss.empty();
    const double before = first ? 0 : report.loss.back();
    const bool new_iterate = first || iterate.iteration > report.iterations;  // not the start of a further segment
    if (new_iterate) {
      report.loss.push_back(iterate.loss);
      report.iterations = report.result_iteration = iterate.iteration;
      iterate.loss_per_pixel = watch.accepted(iterate.loss, report);
      iterate.so_far = &report;
      on_iteration(iterate);
    }
    report.interrupted = problem.interrupted();
    if (report.interrupted) return by_signal;
    if (auto enough = enough_done(problem, settings, report)) return enough;
    if (!first && new_iterate)
      if (auto enough = too_small_decrease(settings, before, iterate.loss)) return enough;
    return watch.reason(report);
  };
  std::optional<double> carried;
  for (std::size_t segment = 0; segment < starts.size(); ++segment) {
    const bool last = segment + 1 == starts.size();
    segment_start = starts[segment];
    // Only the step to a segment's end has the gradients that the next one needs; a moved window changes f a little.
    const bool moved = problem.follow_positions(), reweighed = problem.reweigh();
    if (moved || reweighed || report.iterations < segment_start) carried.reset();
    problem.update();
    watch.begin_segment(segment_start, report.loss.size());
    Objective objective(problem.comm(), active_at(blocks, settings, starts[segment]), evaluate, problem.shape().device);
    TaoRun run(problem.comm(), objective, settings, first_step(problem));
    const int first_iteration = report.iterations;
    const SegmentEnd end =
        run.solve((last ? settings.iterations : starts[segment + 1]) - first_iteration, carried,
                  [&](int iteration, double f, double norm) {
                    return decide({first_iteration + iteration, report.gradients, f, norm, now_s() - start_s});
                  });
    carried = end.value;
    report.stop_reason = end.reason;
    report.diverged = end.diverged;
    report.stuck = end.no_descent && report.iterations == 0;
    if (end.decided || end.diverged) break;
  }
  if (report.stuck) report.stop_reason = stuck_at_start;
  watch.finish(report);
  report.seconds = now_s() - start_s;
  return report;
}

template SolveReport solve(Problem<float>&, const SolveSettings&, const std::function<void(const Iterate&)>&);
template SolveReport solve(Problem<double>&, const SolveSettings&, const std::function<void(const Iterate&)>&);

}  // namespace tessera
