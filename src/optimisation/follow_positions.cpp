#include <algorithm>
#include <cmath>

#include "src/optimisation/problem.hpp"

namespace tessera {

namespace {

/// The corner nearest to where the window lies now, within the frame, and what then remains as its shift.
Placement followed(const Placement& base, double shift_y_px, double shift_x_px, const Grid& window,
                   const ObjectFrame& frame) {
  const auto move = [](double shift, Index corner, Index length, Index extent) {
    const auto nearest = corner + static_cast<Index>(std::floor(shift + 0.5));
    return std::clamp(nearest, Index{0}, extent - length) - corner;
  };
  const Index dy = move(shift_y_px, base.corner.y, window.ny, frame.ny);
  const Index dx = move(shift_x_px, base.corner.x, window.nx, frame.nx);
  return {.corner = {base.corner.y + dy, base.corner.x + dx},
          .fy = base.fy - static_cast<double>(dy),
          .fx = base.fx - static_cast<double>(dx)};
}

}  // namespace

/// Every rank learns all work boxes: 32 bytes a rank, as the tiling holds them.
template <class Real>
bool Problem<Real>::follow_positions() {
  if (std::ranges::none_of(parameters_, [](const Parameter& parameter) { return parameter.row->wanders; }))
    return false;
  const Grid& window = shape().window;
  const std::vector<double> slope = instrument().sites.front().slope;
  std::vector<Placement> placements;
  Box work = setup_.tiling.work[comm_.rank()];
  bool moved = false;
  for (std::size_t j = 0; j < setup_.placements.size(); ++j) {
    const Placement& before = setup_.placements[j];
    placements.push_back(followed(before, -slope[2 * j], -slope[2 * j + 1], window, setup_.frame));
    moved = moved || !(placements.back().corner == before.corner);
    work = hull(work, window_box(placements.back(), window));
  }
  if (!comm_.any(moved)) return false;
  std::vector<Box> boxes(static_cast<std::size_t>(comm_.size()));
  Index Box::*const corners[] = {&Box::y0, &Box::x0, &Box::y1, &Box::x1};
  for (Index Box::*const corner : corners) {
    const std::vector<double> all = comm_.gather_all(static_cast<double>(work.*corner));
    for (std::size_t rank = 0; rank < all.size(); ++rank) boxes[rank].*corner = static_cast<Index>(all[rank]);
  }
  setup_.placements = std::move(placements);
  setup_.tiling.work = std::move(boxes);
  FirstFailure failure;
  failure.run([&] {
    object_.follow(comm_, setup_.tiling);
    make_model();
  });
  comm_.agree([&] { failure.rethrow(); });
  return true;
}

template bool Problem<float>::follow_positions();
template bool Problem<double>::follow_positions();

}  // namespace tessera
