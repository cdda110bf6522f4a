#include "src/optimisation/held_out_watch.hpp"

#include <algorithm>
#include <cmath>

namespace tessera {

bool has_turned(std::span<const double> loss, std::size_t since, int patience) {
  if (loss.empty()) return false;
  const auto best = static_cast<std::size_t>(std::ranges::min_element(loss) - loss.begin());
  return loss.size() - 1 >= std::max(best, since) + static_cast<std::size_t>(patience);
}

template <class Real>
HeldOutWatch<Real>::HeldOutWatch(Problem<Real>& problem, std::vector<SolverBlock> blocks, const SolveSettings& settings)
    : problem_(problem), stops_(settings.stop == StopRule::held_out), patience_(settings.patience) {
  if (problem.setup().held_out.share > 0) pixels_ = problem.pixels();
  for (SolverBlock& block : blocks)
    if (settings.refine.contains(block.name)) blocks_.push_back(std::move(block));
  for (const auto& [name, range] : settings.refine)
    if (range.from < settings.iterations) last_begin_ = std::max(last_begin_, range.from);
}

template <class Real>
void HeldOutWatch<Real>::begin_segment(int segment_start, std::size_t iterates) {
  if (segment_start == last_begin_) since_ = iterates > 0 ? iterates - 1 : 0;
}

template <class Real>
void HeldOutWatch<Real>::evaluated(double f) {
  trials_.push_back({f, {problem_.data_loss(), problem_.held_out_loss()}});
}

/// TAO sees f less a constant: f may have lost its last bits on the way.
template <class Real>
std::optional<FittedAndHeldOut> HeldOutWatch<Real>::accepted(double f, SolveReport& report) {
  const auto nearest = std::ranges::min_element(trials_, {}, [&](const Trial& trial) { return std::abs(trial.f - f); });
  if (nearest == trials_.end() || pixels_.held_out == 0) return std::nullopt;
  const FittedAndHeldOut loss = nearest->loss;
  trials_.assign(1, *nearest);
  report.pixels = pixels_;
  report.fitted_loss.push_back(loss.fitted);
  report.held_out_loss.push_back(loss.held_out);
  const std::size_t iterate = report.held_out_loss.size() - 1;
  if (stops_ && (iterate == 0 || loss.held_out < report.held_out_loss[best_])) keep(iterate);
  return FittedAndHeldOut{loss.fitted / pixels_.fitted, loss.held_out / pixels_.held_out};
}

template <class Real>
void HeldOutWatch<Real>::keep(std::size_t iterate) {
  best_ = iterate;
  kept_.resize(blocks_.size());
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    kept_[i].resize(static_cast<std::size_t>(blocks_[i].local_size));
    blocks_[i].push(kept_[i]);
  }
}

template <class Real>
std::optional<std::string> HeldOutWatch<Real>::reason(const SolveReport& report) const {
  if (!stops_ || !since_ || !has_turned(report.held_out_loss, *since_, patience_)) return std::nullopt;
  return "the held-out loss has turned";
}

template <class Real>
void HeldOutWatch<Real>::finish(SolveReport& report) {
  if (kept_.empty()) return;
  for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i].pull(kept_[i]);
  report.result_iteration = static_cast<int>(best_);
  report.stop_reason += fmt::format("; the result is iteration {}, where the held-out loss is smallest", best_);
}

template class HeldOutWatch<float>;
template class HeldOutWatch<double>;

}  // namespace tessera
