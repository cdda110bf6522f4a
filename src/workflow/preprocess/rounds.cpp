#include "src/workflow/preprocess/rounds.hpp"

#include <algorithm>

namespace tessera {

Index RoundPlan::rounds() const { return (patterns + ranks * a_round - 1) / (ranks * a_round); }

Stretch RoundPlan::of_round(int rank, Index round) const {
  const Index first = round * ranks * a_round, units = (std::min(patterns - first, ranks * a_round) + unit - 1) / unit;
  const auto begin = [&](Index r) { return std::min(patterns, first + units * r / ranks * unit); };
  return {begin(rank), begin(rank + 1)};
}

Index RoundPlan::reached(const Stretch& of_root) const { return std::min(patterns, of_root.first + ranks * a_round); }

RoundPlan plan_rounds(Index patterns, Index unit, Index most, int ranks) {
  const Index together = unit <= most ? unit : 1;
  return {.patterns = patterns,
          .unit = together,
          .a_round = std::max<Index>(1, most / together) * together,
          .ranks = ranks};
}

}  // namespace tessera
