#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tessera {

/// An atom in the coordinates of the scan positions; z along the beam.
struct Atom {
  int Z = 0;
  double y_A = 0;
  double x_A = 0;
  double z_A = 0;
};

/// An orthogonal cell; periodic directions in the plane repeat the atoms.
struct Cell {
  double y_A = 0;
  double x_A = 0;
  double z_A = 0;
  bool periodic_y = false;
  bool periodic_x = false;
  bool periodic_z = false;  ///< atoms are moved into the cell, not repeated: slices fill one period
};

/// A rectangle in the plane [A], half open.
struct RegionA {
  double y0_A = 0;
  double x0_A = 0;
  double y1_A = 0;
  double x1_A = 0;
};

/// Appends the periodic images of `atom` that lie in `region`, y image by y image, each in increasing x.
void append_images(const Atom& atom, const Cell& cell, const RegionA& region, std::vector<Atom>& images);

/// Two atoms that are nearer to each other than `distance_A`, as indices; nothing when there are none. Cost: O(n log
/// n).
std::optional<std::pair<std::size_t, std::size_t>> too_near(std::span<const Atom> atoms, double distance_A);

}  // namespace tessera
