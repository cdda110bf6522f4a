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

/// Where the unknowns change, a history of the others would say nothing of the new ones.
bool changes_unknowns(const SolveSettings& settings, int iteration) {
  return std::ranges::any_of(settings.refine, [iteration](const auto& named) {
    return named.second.from == iteration || named.second.until == iteration;
  });
}

bool keeps_history(const SolveSettings& settings) {
  return settings.refresh > 0 && (settings.method == "blmvm" || settings.method == "lmvm");
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

/// A solve under way: segment after segment.
template <class Real>
class Solve {
 public:
  Solve(Problem<Real>& problem, const SolveSettings& settings, const std::function<void(const Iterate&)>& on_iteration)
      : problem_(problem),
        settings_(settings),
        on_iteration_(on_iteration),
        blocks_(solver_blocks(problem)),
        watch_(problem, blocks_, settings),
        history_(settings.history) {
    report_.unknowns = solved_unknowns(problem.comm(), blocks_, settings);
    if (settings.expected_loss > 0) problem.track_expected_loss();
  }

  SolveReport run() {
    const std::vector<int> starts = segment_starts(settings_);
    for (std::size_t segment = 0; segment < starts.size(); ++segment) {
      const bool last = segment + 1 == starts.size();
      const SegmentEnd end = run_segment(starts[segment], last ? settings_.iterations : starts[segment + 1]);
      if (end.decided || end.diverged) break;
    }
    if (report_.stuck) report_.stop_reason = stuck_at_start;
    watch_.finish(report_);
    report_.seconds = now_s() - start_s_;
    return std::move(report_);
  }

 private:
  SegmentEnd run_segment(int first, int until) {
    segment_start_ = first;
    // Only the step to a segment's end has the gradients that the next one needs; a moved window changes f a little.
    const bool moved = problem_.follow_positions(), reweighed = problem_.reweigh();
    if (moved || reweighed || report_.iterations < first) carried_.reset();
    problem_.update();
    watch_.begin_segment(first, report_.loss.size());
    Objective objective(
        problem_.comm(), active_at(blocks_, settings_, first), [this] { return evaluate(); }, problem_.shape().device);
    if (changes_unknowns(settings_, first)) history_.clear();
    TaoRun run(problem_.comm(), objective, settings_, first_step(problem_),
               keeps_history(settings_) ? &history_ : nullptr);
    const int before = report_.iterations;
    SegmentEnd end = run.solve(until - before, carried_, [&](int iteration, double f, double norm) {
      return decide({before + iteration, report_.gradients, f, norm, now_s() - start_s_});
    });
    carried_ = end.value;
    report_.stop_reason = end.reason;
    report_.diverged = end.diverged;
    report_.stuck = end.no_descent && report_.iterations == 0;
    return end;
  }

  double evaluate() {
    if (const auto limit = gradient_limit(settings_, report_)) throw TaoRun::Stop{*limit};
    report_.interrupted = !report_.loss.empty() && problem_.interrupted();  // also seen within a line search
    if (report_.interrupted) throw TaoRun::Stop{by_signal};
    activate(blocks_, settings_, std::max(report_.iterations, segment_start_));
    const double f = timed_evaluation(problem_, report_);
    watch_.evaluated(f);
    return f;
  }

  std::optional<std::string> decide(Iterate iterate) {
    const bool first = report_.loss.empty();
    const double before = first ? 0 : report_.loss.back();
    const bool new_iterate = first || iterate.iteration > report_.iterations;  // not the start of a further segment
    if (new_iterate) {
      report_.loss.push_back(iterate.loss);
      report_.iterations = report_.result_iteration = iterate.iteration;
      iterate.loss_per_pixel = watch_.accepted(iterate.loss, report_);
      iterate.so_far = &report_;
      on_iteration_(iterate);
    }
    report_.interrupted = problem_.interrupted();
    if (report_.interrupted) return by_signal;
    if (auto enough = enough_done(problem_, settings_, report_)) return enough;
    if (!first && new_iterate)
      if (auto enough = too_small_decrease(settings_, before, iterate.loss)) return enough;
    return watch_.reason(report_);
  }

  Problem<Real>& problem_;
  const SolveSettings& settings_;
  const std::function<void(const Iterate&)>& on_iteration_;
  std::vector<SolverBlock> blocks_;
  SolveReport report_;
  HeldOutWatch<Real> watch_;
  SolverHistory history_;
  std::optional<double> carried_;  ///< f of the present values, where its gradients are there, too
  int segment_start_ = 0;          ///< iterations may fall short of it, where a segment converged
  double start_s_ = now_s();
};

}  // namespace

double solver_vectors(const SolveSettings& settings, bool bounded) {
  const double bounds = bounded ? 2 : 0;
  const double kept =
      (settings.stop == StopRule::held_out ? 1 : 0) + (keeps_history(settings) ? 2 * (settings.history + 1) : 0);
  if (settings.method == "blmvm" || settings.method == "lmvm") return 3.0 * settings.history + 14 + bounds + kept;
  if (settings.method == "bqnls") return 3.0 * settings.history + 20 + bounds + kept;
  if (settings.method == "bncg") return 30 + 3 * bounds + kept;
  return 10 + kept;
}

template <class Real>
SolveReport solve(Problem<Real>& problem, const SolveSettings& settings,
                  const std::function<void(const Iterate&)>& on_iteration) {
  return Solve<Real>(problem, settings, on_iteration).run();
}

template SolveReport solve(Problem<float>&, const SolveSettings&, const std::function<void(const Iterate&)>&);
template SolveReport solve(Problem<double>&, const SolveSettings&, const std::function<void(const Iterate&)>&);

}  // namespace tessera
