#include "kernels/window_cover.hpp"

#include <map>

namespace tessera {

WindowCoverArrays::WindowCoverArrays(DeviceKind device, const std::vector<PixelYX>& corners, Index ny, Index nx) {
  std::map<std::pair<Index, Index>, std::vector<Index>> windows;  // of each block that any window meets
  for (std::size_t p = 0; p < corners.size(); ++p) {
    const PixelYX& at = corners[p];
    for (Index row = at.y / WindowCover::rows; row * WindowCover::rows < at.y + ny; ++row)
      for (Index column = at.x / WindowCover::columns; column * WindowCover::columns < at.x + nx; ++column)
        windows[{row, column}].push_back(static_cast<Index>(p));
  }
  std::vector<PixelYX> corner;
  std::vector<Index> start{0}, position;
  for (const auto& [block, here] : windows) {
    corner.push_back({block.first * WindowCover::rows, block.second * WindowCover::columns});
    position.insert(position.end(), here.begin(), here.end());
    start.push_back(static_cast<Index>(position.size()));
  }
  corner_ = make_array(device, corner);
  start_ = make_array(device, start);
  position_ = make_array(device, position);
}

}  // namespace tessera
