#pragma once

#include "src/base/index.hpp"

namespace tessera {

/// A stretch [first, last) of the patterns that are used.
struct Stretch {
  Index first = 0, last = 0;
  Index count() const { return last - first; }
};

/// How ranks go through the patterns: a round is a stretch of all of them, cut among the ranks in their order, so that
/// what is written round by round lies in the order of the patterns on any number of ranks.
struct RoundPlan {
  Index patterns = 0;  ///< of all ranks
  Index unit = 1;      ///< patterns that stay together, as they share chunks of the file
  Index a_round = 1;   ///< patterns of a rank in a round at most, a multiple of `unit`
  int ranks = 1;

  Index rounds() const;
  Stretch of_round(int rank, Index round) const;
  /// How many patterns all ranks have gone through after the round of which root had this stretch.
  Index reached(const Stretch& of_root) const;
};

/// `most` patterns a round as far as `unit` allows; where one unit is more than that, it is cut, and its chunks are
/// read more than once.
RoundPlan plan_rounds(Index patterns, Index unit, Index most, int ranks);

}  // namespace tessera
