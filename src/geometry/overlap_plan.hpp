#pragma once

#include <span>
#include <vector>

#include "src/geometry/box.hpp"

namespace tessera {

/// A box shared with another rank.
struct Overlap {
  int peer = 0;
  Box box;
  friend bool operator==(const Overlap&, const Overlap&) = default;
};

/// What one rank exchanges. Adding sends `foreign` (parts of my work box that others own) and receives `shared` (parts
/// of my owned box that lie in others' work boxes); refreshing goes the other way. Peers in increasing order.
struct OverlapPlan {
  Box owned;
  Box work;
  std::vector<Overlap> foreign;
  std::vector<Overlap> shared;

  /// Pixels that leave this rank in one add plus one refresh.
  Index pixels_sent() const;
};

/// Computed from boxes alone, without MPI. Cost: O(ranks) for each rank, a few microseconds per thousand ranks.
OverlapPlan make_overlap_plan(int rank, std::span<const Box> owned, std::span<const Box> work);

/// For each foreign overlap of `plan`, the number of leading windows after which no later one touches it, so that its
/// sums are complete and may leave.
std::vector<Index> ready_after(const OverlapPlan& plan, std::span<const Box> windows);

}  // namespace tessera
