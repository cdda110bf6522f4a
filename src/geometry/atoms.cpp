#include "src/geometry/atoms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "src/base/index.hpp"

namespace tessera {
namespace {

/// The first and one past the last image number whose coordinate lies in [low, high).
std::pair<Index, Index> image_range(double at_A, double period_A, bool periodic, double low_A, double high_A) {
  if (!periodic) return at_A >= low_A && at_A < high_A ? std::pair<Index, Index>{0, 1} : std::pair<Index, Index>{0, 0};
  return {static_cast<Index>(std::ceil((low_A - at_A) / period_A)),
          static_cast<Index>(std::ceil((high_A - at_A) / period_A))};
}

}  // namespace

void append_images(const Atom& atom, const Cell& cell, const RegionA& region, std::vector<Atom>& images) {
  const auto [y_begin, y_end] = image_range(atom.y_A, cell.y_A, cell.periodic_y, region.y0_A, region.y1_A);
  const auto [x_begin, x_end] = image_range(atom.x_A, cell.x_A, cell.periodic_x, region.x0_A, region.x1_A);
  for (Index iy = y_begin; iy < y_end; ++iy) {
    for (Index ix = x_begin; ix < x_end; ++ix) {
      images.push_back({atom.Z, atom.y_A + static_cast<double>(iy) * cell.y_A,
                        atom.x_A + static_cast<double>(ix) * cell.x_A, atom.z_A});
    }
  }
}

bool any_coincide(std::span<const Atom> atoms) {
  constexpr double near_A = 0.01;
  std::vector<std::array<Index, 3>> places;
  places.reserve(atoms.size());
  for (const Atom& atom : atoms)
    places.push_back(
        {std::llround(atom.y_A / near_A), std::llround(atom.x_A / near_A), std::llround(atom.z_A / near_A)});
  std::ranges::sort(places);
  return std::ranges::adjacent_find(places) != places.end();
}

}  // namespace tessera
