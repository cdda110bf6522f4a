#include "src/geometry/tiling.hpp"

#include <numeric>

#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Bisects `members` (positions) and `box` (object pixels) for the ranks first .. first + count - 1.
class Bisection {
 public:
  Bisection(std::span<const Placement> placements, const Grid& window, Tiling& tiling)
      : placements_(placements), window_(window), tiling_(tiling) {}

  void split(std::span<Index> members, const Box& box, int first, int count) {
    if (count == 1) {
      tiling_.owned[first] = box;
      for (const Index member : members) tiling_.owner[member] = first;
      return;
    }
    const int lower = count / 2;
    const auto n_lower = members.size() * lower / count;
    const bool along_y = spread(members, true) >= spread(members, false);
    const auto before = [&](Index a, Index b) {
      const Index ca = centre(a, along_y), cb = centre(b, along_y);
      return ca != cb ? ca < cb : a < b;
    };
    std::nth_element(members.begin(), members.begin() + n_lower, members.end(), before);
    const Index right = centre(members[n_lower], along_y);
    const Index left = centre(*std::max_element(members.begin(), members.begin() + n_lower, before), along_y);
    const Index cut = (left + right + 1) / 2;
    Box low = box, high = box;
    (along_y ? low.y1 : low.x1) = std::clamp(cut, along_y ? box.y0 : box.x0, along_y ? box.y1 : box.x1);
    (along_y ? high.y0 : high.x0) = along_y ? low.y1 : low.x1;
    split(members.first(n_lower), low, first, lower);
    split(members.subspan(n_lower), high, first + lower, count - lower);
  }

 private:
  Index centre(Index position, bool along_y) const {
    const PixelYX corner = placements_[position].corner;
    return along_y ? corner.y + window_.ny / 2 : corner.x + window_.nx / 2;
  }
  Index spread(std::span<const Index> members, bool along_y) const {
    Index low = centre(members[0], along_y), high = low;
    for (const Index member : members) {
      low = std::min(low, centre(member, along_y));
      high = std::max(high, centre(member, along_y));
    }
    return high - low;
  }

  std::span<const Placement> placements_;
  const Grid& window_;
  Tiling& tiling_;
};

}  // namespace

Tiling make_tiling(std::span<const Placement> placements, const ObjectFrame& frame, const Grid& window, int n_ranks,
                   Index margin_px) {
  if (static_cast<Index>(placements.size()) < n_ranks)
    throw InputError(
        ExitCode::run_file,
        fmt::format("{} ranks for {} scan positions; every rank needs at least one: start at most {} ranks", n_ranks,
                    placements.size(), placements.size()),
        true);
  Tiling tiling{.owned = std::vector<Box>(n_ranks),
                .work = std::vector<Box>(n_ranks),
                .owner = std::vector<int>(placements.size())};
  std::vector<Index> members(placements.size());
  std::iota(members.begin(), members.end(), Index{0});
  Bisection(placements, window, tiling).split(members, frame.box(), 0, n_ranks);
  for (std::size_t i = 0; i < placements.size(); ++i) {
    Box& work = tiling.work[tiling.owner[i]];
    work = hull(work, window_box(placements[i], window));
  }
  for (Box& work : tiling.work) work = intersect(grow(work, margin_px), frame.box());
  return tiling;
}

std::vector<Index> Tiling::positions_of(int rank, std::span<const Placement> placements, const Grid& window) const {
  std::vector<Index> mine;
  for (std::size_t i = 0; i < owner.size(); ++i)
    if (owner[i] == rank) mine.push_back(static_cast<Index>(i));
  const Box& tile = owned[rank];
  const auto to_border = [&](Index i) {
    const Index y = placements[i].corner.y + window.ny / 2, x = placements[i].corner.x + window.nx / 2;
    return std::min({y - tile.y0, tile.y1 - 1 - y, x - tile.x0, tile.x1 - 1 - x});
  };
  std::stable_sort(mine.begin(), mine.end(), [&](Index a, Index b) { return to_border(a) < to_border(b); });
  return mine;
}

}  // namespace tessera
