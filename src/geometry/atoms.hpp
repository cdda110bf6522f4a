#pragma once

#include <span>
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

/// Whether two atoms lie at one place, to a hundredth of an angstrom: as where a file repeats atoms at a periodic
/// border. Cost: O(n log n).
bool any_coincide(std::span<const Atom> atoms);

}  // namespace tessera
