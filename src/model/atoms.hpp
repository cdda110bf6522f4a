#pragma once

#include <string_view>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// An atom in the coordinates of the scan positions; z along the beam.
struct Atom {
  int Z = 0;
  double y_A = 0;
  double x_A = 0;
  double z_A = 0;
};

/// An orthogonal cell; periodic directions repeat the atoms in the plane.
struct Cell {
  double y_A = 0;
  double x_A = 0;
  double z_A = 0;
  bool periodic_y = false;
  bool periodic_x = false;
};

/// What the first two lines of an extended XYZ file say: axis 0 is y, axis 1 is x, axis 2 is z. Columns count from 0.
struct XyzHeader {
  Index n_atoms = 0;
  Cell cell;
  int species_column = 0;
  int position_column = 1;
};

/// A rectangle in the plane [A], half open.
struct RegionA {
  double y0_A = 0;
  double x0_A = 0;
  double y1_A = 0;
  double x1_A = 0;
};

/// Reads the count and the comment with Lattice="..." (nine numbers, orthogonal), pbc="T T F" (default T T T, as the
/// format says of files with a Lattice) and Properties (default species:S:1:pos:R:3). Throws InputError.
XyzHeader parse_xyz_header(std::string_view count_line, std::string_view comment_line);

/// The atoms of a block of whole lines, the first of which is line `first_line` (from 1) of the file; blank lines are
/// skipped. Throws InputError with the line's number.
std::vector<Atom> parse_xyz_atoms(std::string_view block, const XyzHeader& header, Index first_line);

/// Appends the periodic images of `atom` that lie in `region`, y image by y image, each in increasing x.
void append_images(const Atom& atom, const Cell& cell, const RegionA& region, std::vector<Atom>& images);

}  // namespace tessera
