#include "src/geometry/atoms.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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

std::optional<std::pair<std::size_t, std::size_t>> too_near(std::span<const Atom> atoms, double distance_A) {
  // Cells as wide as the distance: a neighbour lies in one of 27, which the order finds.
  using CellIndex = std::array<Index, 3>;
  const auto cell = [&](double at_A) { return static_cast<Index>(std::floor(at_A / distance_A)); };
  std::vector<std::pair<CellIndex, std::size_t>> sorted;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    sorted.push_back({{cell(atoms[i].y_A), cell(atoms[i].x_A), cell(atoms[i].z_A)}, i});
  std::ranges::sort(sorted);
  for (const auto& [at, i] : sorted)
    for (int neighbour = 0; neighbour < 27; ++neighbour) {
      const CellIndex other{at[0] + neighbour / 9 - 1, at[1] + neighbour / 3 % 3 - 1, at[2] + neighbour % 3 - 1};
      auto found = std::ranges::lower_bound(sorted, std::pair{other, std::size_t{0}});
      for (; found != sorted.end() && found->first == other; ++found) {
        const std::size_t j = found->second;
        const double y = atoms[j].y_A - atoms[i].y_A, x = atoms[j].x_A - atoms[i].x_A, z = atoms[j].z_A - atoms[i].z_A;
        if (j != i && std::hypot(y, x, z) < distance_A) return std::pair{std::min(i, j), std::max(i, j)};
      }
    }
  return std::nullopt;
}

}  // namespace tessera
