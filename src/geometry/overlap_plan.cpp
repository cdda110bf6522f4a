#include "src/geometry/overlap_plan.hpp"

namespace tessera {

Index OverlapPlan::pixels_sent() const {
  Index pixels = 0;
  for (const Overlap& overlap : foreign) pixels += overlap.box.count();
  for (const Overlap& overlap : shared) pixels += overlap.box.count();
  return pixels;
}

OverlapPlan make_overlap_plan(int rank, std::span<const Box> owned, std::span<const Box> work) {
  OverlapPlan plan{.owned = owned[rank], .work = work[rank], .foreign = {}, .shared = {}};
  for (int peer = 0; peer < static_cast<int>(owned.size()); ++peer) {
    if (peer == rank) continue;
    if (const Box box = intersect(plan.work, owned[peer]); !box.empty()) plan.foreign.push_back({peer, box});
    if (const Box box = intersect(plan.owned, work[peer]); !box.empty()) plan.shared.push_back({peer, box});
  }
  return plan;
}

std::vector<Index> ready_after(const OverlapPlan& plan, std::span<const Box> windows) {
  std::vector<Index> ready;
  for (const Overlap& overlap : plan.foreign) {
    Index last = 0;
    for (std::size_t i = 0; i < windows.size(); ++i)
      if (!intersect(windows[i], overlap.box).empty()) last = static_cast<Index>(i) + 1;
    ready.push_back(last);
  }
  return ready;
}

}  // namespace tessera
