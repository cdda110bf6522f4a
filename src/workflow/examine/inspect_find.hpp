#pragma once

#include <vector>

#include "io/dataset.hpp"

namespace tessera {

/// The dataset that most likely holds the patterns: numbers with three or four axes, of which the last two look like a
/// detector (at least 8 pixels, none more than 8 times the other). /data comes first, then the largest. Null when there
/// is none.
const ListedDataset* find_patterns(const std::vector<ListedDataset>& datasets);

/// The dataset that most likely holds the positions: numbers (N, 2) or (Ry, Rx, 2) with "position" in the path.
/// /positions_A comes first, then one that fits the patterns' number, then the first. Null when there is none.
const ListedDataset* find_positions(const std::vector<ListedDataset>& datasets, Index n_patterns);

}  // namespace tessera
