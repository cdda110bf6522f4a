#pragma once

#include <span>
#include <vector>

#include "src/geometry/scan.hpp"

namespace tessera {

/// Who owns what. Owned boxes are disjoint and cover the object; a rank's work box holds every window of its own
/// positions and a margin. Held by every rank: 4 bytes a position and 64 bytes a rank.
struct Tiling {
  std::vector<Box> owned;  ///< [rank]
  std::vector<Box> work;   ///< [rank]
  std::vector<int> owner;  ///< [position] rank that computes it

  /// The positions of one rank, those nearest to the border of its owned box first, so that what other ranks wait for
  /// is ready early; ties by index.
  std::vector<Index> positions_of(int rank, std::span<const Placement> placements, const Grid& window) const;
};

/// Recursive bisection of the positions in (coordinate, index) order with exact counts; the owned boxes follow the
/// cuts. Exact counts keep rasters, holes and irregular scans balanced: ranks differ by one position.
/// Throws InputError when there are more ranks than positions. Cost: O(n log n log ranks) on every rank.
Tiling make_tiling(std::span<const Placement> placements, const ObjectFrame& frame, const Grid& window, int n_ranks,
                   Index margin_px);

}  // namespace tessera
