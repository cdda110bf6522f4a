#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "src/geometry/grid.hpp"
#include "src/geometry/scan.hpp"

namespace tessera {

/// A result of `tessera reconstruct`, as other programs' files are made from it: all but its large arrays.
struct ExportSource {
  std::string file;
  ObjectFrame frame;
  Index slices = 0;
  Index modes = 0;
  Grid window;  ///< of the probe
  double wavelength_A = 0;
  std::optional<double> energy_eV;   ///< of electrons; none where a wavelength was given
  std::vector<PointYX> positions_A;  ///< centres of the window, pixel N/2, as refined
  std::vector<double> loss;          ///< after each iteration
  std::vector<std::string> others;   ///< arrays of what else was refined, which no other program's file has a place for
};

/// Reads and checks it (serial, any rank). What is no result, or lacks something, is an InputError.
ExportSource read_export_source(const OpenFile& file);

/// Distances between the slices [slices - 1], with what was found of them [A]; the file's configuration and its arrays
/// `gaps` and `thickness` tell. Throws InputError where there are several slices and no distance.
std::vector<double> slice_gaps_A(const OpenFile& file, const ExportSource& source);

/// Their mean, where no gap is more than `tolerance` of it away.
std::optional<double> even_gap_A(const std::vector<double>& gaps_A, double tolerance);

/// A part of an array: [start, start + count).
struct Slab {
  std::vector<Index> start, count;
};

/// An array cut in parts of `most` elements at the most, but whole along the last axis, in C order. O(parts).
std::vector<Slab> slabs_of(const std::vector<Index>& shape, Index most);

/// Parts are read as doubles: 64 MiB of complex numbers.
inline constexpr Index slab_elements = Index{1} << 22;

}  // namespace tessera
