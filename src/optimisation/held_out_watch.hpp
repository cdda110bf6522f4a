#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/optimisation/solver.hpp"

namespace tessera {

/// Whether a held-out loss [iterate] has turned: neither its smallest value nor the iterate `since` lies fewer than
/// `patience` iterates back. A noisy iterate or two do not end it; a new minimum, however small, starts the count anew.
bool has_turned(std::span<const double> loss, std::size_t since, int patience);

/// Follows the loss of the pixels held out through a solve, and keeps the values of the unknowns where it was smallest:
/// one more copy of them, in doubles. Does nothing when no pixel is held out.
template <class Real>
class HeldOutWatch {
 public:
  /// (collective)
  HeldOutWatch(Problem<Real>& problem, std::vector<SolverBlock> blocks, const SolveSettings& settings);

  /// A segment begins, `iterates` after the start.
  void begin_segment(int segment_start, std::size_t iterates);
  /// The problem was evaluated and gave f.
  void evaluated(double f);
  /// The iterate of loss f is accepted, and the problem holds its values: adds it to the report.
  std::optional<FittedAndHeldOut> accepted(double f, SolveReport& report);
  /// The reason to stop, if that is asked for and all unknowns have begun.
  std::optional<std::string> reason(const SolveReport& report) const;
  /// Sets the unknowns to where the loss was smallest, if that is asked for (collective).
  void finish(SolveReport& report);

 private:
  /// One evaluation since the last accepted iterate: a line search may end at a point that is not its last.
  struct Trial {
    double f = 0;
    FittedAndHeldOut loss;
  };
  void keep(std::size_t iterate);

  Problem<Real>& problem_;
  std::vector<SolverBlock> blocks_;  ///< of what is refined
  bool stops_;
  int patience_;
  int last_begin_ = 0;                ///< the iteration at which the last unknown begins
  std::optional<std::size_t> since_;  ///< the iterate with which its segment began
  FittedAndHeldOut pixels_;
  std::vector<Trial> trials_;
  std::size_t best_ = 0;                   ///< iterate
  std::vector<std::vector<double>> kept_;  ///< [block] its values
};

}  // namespace tessera
