#pragma once

#include <string>
#include <vector>

#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// The axes of data.patterns. Whatever is read beside the patterns is measured by them, as shapes, not as counts.
struct DataShape {
  std::vector<Index> scan;     ///< (N) or (Ry, Rx)
  std::vector<Index> pattern;  ///< (Ky, Kx), or (channel)

  std::vector<Index> whole() const;
  Index positions() const;
  /// The shapes that a dataset with `trailing` axes for each position may have: the scan's axes, or of a raster the
  /// list of its positions.
  std::vector<std::vector<Index>> per_position(const std::vector<Index>& trailing) const;
};

/// Of data.patterns as it is stored. InputError where an axis is empty, or there are not three or four axes (of
/// channels two or three).
DataShape data_shape(const RunOptions& options, const std::vector<Index>& stored, bool of_channels);

/// InputError with both shapes unless what stands beside the patterns, "data.h5: data.mask /mask", has one of the
/// allowed shapes.
void require_shape(const RunOptions& options, const DataShape& data, const std::string& name,
                   const std::vector<Index>& shape, const std::vector<std::vector<Index>>& allowed);

/// "(4, 6, 2)".
std::string shape_text(const std::vector<Index>& shape);

}  // namespace tessera
