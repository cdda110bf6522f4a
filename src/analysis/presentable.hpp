#pragma once

#include <vector>

#include "src/analysis/compare_metrics.hpp"

namespace tessera {

/// The means over square blocks of `block` pixels, those at the far edges perhaps smaller, of which `values` [y, x] on
/// the pixels of `part` make their share.
Image block_means(const ObjectFrame& frame, Index block, const Box& part, const double* values);

/// The smallest block with which no side exceeds `longest_side` pixels.
Index block_for(const ObjectFrame& frame, Index longest_side);

/// Means over square blocks, so that no side exceeds `longest_side` pixels.
Image shrunk(const Image& image, Index longest_side);

/// The part people look at: the scanned field, if it is more than a few pixels, without its ramp.
Image presentable(Image image, const std::vector<PointYX>& positions_A);

}  // namespace tessera
