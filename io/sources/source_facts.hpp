#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// What metadata may say, each in the unit of its name; pairs are (y, x). Flags are 0 or 1.
enum class Quantity {
  energy_keV,
  wavelength_A,
  semiangle_mrad,
  pixel_mrad,
  pixel_invA,
  bright_field_radius_px,
  C10_A,
  scan_step_A,
  scan_rotation_deg,
  counts_per_electron,
  flip_y,
  flip_x,
  transpose
};

/// One thing that a file says, and where: "/entry/instrument/..., m".
struct Fact {
  Quantity what;
  std::vector<double> values;
  std::string where;
};

/// Positions as a file keeps them: y and x are columns of one dataset or of two, in units of `unit_A`.
struct FoundPositions {
  std::string file;
  std::string y_dataset, x_dataset;
  std::vector<std::string> further = {};  ///< datasets that go on with both, of the same file
  Index y_column = 0, x_column = 1;       ///< along the last axis; -1: the dataset has one number a position
  std::array<double, 2> unit_A = {1, 1};  ///< negative where an axis points the other way
  bool plain = false;                     ///< (N, 2) or (Ry, Rx, 2) of (y, x) in angstrom, as in any file
  std::string where = {};
};

/// A mask as a file keeps it.
struct FoundMask {
  std::string file;
  std::string dataset = {};   ///< empty: `border_px` alone
  bool zero_is_good = false;  ///< otherwise what is not zero is good
  std::uint64_t ignored = 0;  ///< bits that say nothing of a pixel's goodness
  Index border_px = 0;        ///< pixels at each edge that do not count
  std::string where = {};
};

/// What the metadata of a source say beside where its patterns are.
struct SourceFacts {
  std::vector<Fact> facts;
  std::optional<FoundPositions> positions;
  std::optional<FoundMask> mask;
  std::vector<std::string> notes;     ///< what else is worth telling
  std::vector<std::string> warnings;  ///< what may be wrong

  /// Adds it unless it is no usable number: finite, and positive where nothing else makes sense.
  void add(Quantity what, std::vector<double> values, std::string where);
  const Fact* find(Quantity what) const;
};

}  // namespace tessera
