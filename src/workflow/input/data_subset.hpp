#pragma once

#include <vector>

#include "io/written.hpp"
#include "src/workflow/input/data_shape.hpp"

namespace tessera {

/// Along each axis of the scan, (N) or (Ry, Rx), the indices that the ranges of data.subset leave; data.subset.half is
/// not looked at. InputError where a range leaves its axis, or is for data of another shape.
std::vector<std::vector<Index>> used_indices(const RunOptions& options, const DataShape& data);

/// The same as a part of the scan's axes.
Part used_part(const std::vector<std::vector<Index>>& axes, const DataShape& data);

/// The flat indices of the patterns at these places, row by row.
std::vector<Index> flat_indices(const std::vector<std::vector<Index>>& axes, const DataShape& data);

}  // namespace tessera
