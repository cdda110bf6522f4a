#include "src/workflow/preprocess/rounds.hpp"

#include <algorithm>

namespace tessera {

Stretch RoundPlan::of_rank(int rank) const {
  const Index units = (patterns + unit - 1) / unit;
  const auto begin = [&](Index r) { return std::min(patterns, units * r / ranks * unit); };
  return {begin(rank), begin(rank + 1)};
}

Index RoundPlan::rounds() const {
  Index most = 0;
  for (int rank = 0; rank < ranks; ++rank) most = std::max(most, of_rank(rank).count());
  return (most + a_round - 1) / a_round;
}

Stretch RoundPlan::of_round(int rank, Index round) const {
  const Stretch mine = of_rank(rank);
  return {std::min(mine.last, mine.first + round * a_round), std::min(mine.last, mine.first + (round + 1) * a_round)};
}

RoundPlan plan_rounds(Index patterns, Index unit, Index most, int ranks) {
  const Index together = unit <= most ? unit : 1;
  return {.patterns = patterns,
          .unit = together,
          .a_round = std::max<Index>(1, most / together) * together,
          .ranks = ranks};
}

}  // namespace tessera
