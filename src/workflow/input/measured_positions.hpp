#pragma once

#include <span>
#include <vector>

#include "io/sources/source_facts.hpp"
#include "src/geometry/scan.hpp"
#include "src/workflow/input/data_shape.hpp"

namespace tessera {

/// Root's part: the positions of all patterns [A], from data.positions or a raster, mapped and turned as `scan` says.
/// Where data.positions are those that the file's format knows, `found`, they are read as it says. InputError where
/// their shape, their unit or a number is wrong.
std::vector<PointYX> measured_positions(const RunOptions& options, const DataShape& data,
                                        const std::optional<FoundPositions>& found = {});

/// Positions of n patterns as a format keeps them [A].
std::vector<PointYX> found_positions(const FoundPositions& found, Index n);

/// How far positions reach.
struct ScanSpan {
  PointYX low, high;
  Index positions = 0;
};
ScanSpan span_of(std::span<const PointYX> positions_A);

/// InputError for a scan that stays within one pixel of the object: all at one place, or in metres.
void require_scan(const ScanSpan& all, const Grid& window);

/// InputError for positions where floating-point numbers are coarser than a thousandth of a pixel, before they are
/// placed. `pattern_index` says which patterns they are of.
void require_near_zero(std::span<const PointYX> positions_A, std::span<const Index> pattern_index, const Grid& window);

/// InputError where the windows together cover less than a hundredth of the rectangle that holds them: its message
/// names the position farthest from the others, and the size of the object, `frame` of `bytes_per_pixel` in all slices
/// and states.
void require_together(std::span<const PointYX> positions_A, std::span<const Index> pattern_index, const Grid& window,
                      const ObjectFrame& frame, double bytes_per_pixel);

}  // namespace tessera
