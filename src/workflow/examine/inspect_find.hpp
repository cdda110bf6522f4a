#pragma once

#include <vector>

#include "io/sources/h5_layouts.hpp"

namespace tessera {

/// The dataset that most likely holds the positions: numbers (N, 2) or (Ry, Rx, 2) with "position" in the path.
/// /positions_A comes first, then one that fits the patterns' number, then the first. Null when there is none.
const ListedDataset* find_positions(const std::vector<ListedDataset>& datasets, Index n_patterns);

}  // namespace tessera
