#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/index.hpp"
#include "src/geometry/atoms.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// What the first two lines of an extended XYZ file say. As everybody's, its columns and the vectors of its Lattice are
/// x, y and z: positions are named (y, x) everywhere else. Columns count from 0.
struct XyzHeader {
  Index n_atoms = 0;
  Cell cell;
  double origin_z_A = 0;  ///< where the cell begins along z
  int species_column = 0;
  int position_column = 1;
};

/// Reads the count and the comment with Lattice="..." (nine numbers, orthogonal), pbc="T T F" (default T T T, as the
/// format says of files with a Lattice), Origin="x y z" (default 0) and Properties (default species:S:1:pos:R:3).
/// Throws InputError.
XyzHeader parse_xyz_header(std::string_view count_line, std::string_view comment_line);

/// The atoms of a block of whole lines, the first of which is line `first_line` (from 1) of the file; blank lines are
/// skipped. Heights are counted from the cell's origin and lie in the cell: along a periodic z atoms outside come back
/// by whole periods, otherwise they are refused, as no slice holds them. Throws InputError with the line's number.
std::vector<Atom> parse_xyz_atoms(std::string_view block, const XyzHeader& header, Index first_line);

using UseAtoms = std::function<void(const Cell& cell, std::span<const Atom> atoms)>;

/// Reads an extended XYZ file on rank 0, about a mebibyte at a time, and calls `use` with each block's atoms on every
/// rank (collective). Throws the same Error on every rank: when it cannot be opened, when a line is wrong, or when
/// it does not hold as many atoms as it says.
Cell read_xyz(const Comm& comm, const std::string& file, const UseAtoms& use);

}  // namespace tessera
