#include "src/analysis/presentable.hpp"

#include <algorithm>

#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Blocks of `block` x `block` pixels as one; those at the far edges may be smaller.
ObjectFrame coarser(const ObjectFrame& frame, Index block) {
  const double to_centre_px = static_cast<double>(block - 1) / 2;
  return {.origin_A = {frame.origin_A.y + to_centre_px * frame.dy_A, frame.origin_A.x + to_centre_px * frame.dx_A},
          .ny = (frame.ny + block - 1) / block,
          .nx = (frame.nx + block - 1) / block,
          .dy_A = frame.dy_A * static_cast<double>(block),
          .dx_A = frame.dx_A * static_cast<double>(block)};
}

}  // namespace

Image block_means(const ObjectFrame& frame, Index block, const Box& part, const double* values) {
  Image means{.frame = coarser(frame, block), .values = {}};
  means.values.assign(static_cast<std::size_t>(means.frame.ny * means.frame.nx), 0.0);
  for (Index y = part.y0; y < part.y1; ++y)
    for (Index x = part.x0; x < part.x1; ++x) {
      const Index by = y / block, bx = x / block;
      const Index pixels = std::min(block, frame.ny - by * block) * std::min(block, frame.nx - bx * block);
      means.values[by * means.frame.nx + bx] +=
          values[(y - part.y0) * part.width() + x - part.x0] / static_cast<double>(pixels);
    }
  return means;
}

Index block_for(const ObjectFrame& frame, Index longest_side) {
  return std::max<Index>(1, (std::max(frame.ny, frame.nx) + longest_side - 1) / longest_side);
}

Image presentable(Image image, const std::vector<PointYX>& positions_A) {
  try {
    image = crop(image, scanned_box(positions_A, image.frame, 0));
  } catch (const InputError&) {
    // A scan of a few pixels is shown with all that its windows reach.
  }
  remove_plane(image);
  return image;
}

Image shrunk(const Image& image, Index longest_side) {
  return block_means(image.frame, block_for(image.frame, longest_side), image.frame.box(), image.values.data());
}

}  // namespace tessera
