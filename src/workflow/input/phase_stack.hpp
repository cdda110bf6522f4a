#pragma once

#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "src/analysis/compare_metrics.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// A dataset of phases [rad], [y, x] or [slice, y, x], read plane by plane: an object of many slices need not fit the
/// memory.
struct PhasePlanes {
  std::string file;
  std::string dataset;
  ObjectFrame frame;
  Index n_planes = 0;
  bool has_origin = true;  ///< the file says where pixel (0, 0) lies, in numbers or in words
};

/// What `tessera compare` takes from a file.
struct PhaseStack {
  PhasePlanes sum;                   ///< its planes together make the sum
  PhasePlanes slices;                ///< none when the file holds only the sum
  std::vector<PointYX> positions_A;  ///< empty when there are none
};

/// Pixel size and origin of a dataset [..., y, x]: numeric attributes pixel_size_A (one number or (y, x)) and origin_A
/// (y, x) of the dataset, of its group or of the file, in this order; an origin that is absent or a text means (0, 0).
/// Throws InputError when there is no pixel size.
ObjectFrame stored_frame(const OpenFile& file, const std::string& dataset);

/// Whether any of the places of stored_frame has an attribute origin_A, numbers or a text.
bool has_origin(const OpenFile& file, const std::string& dataset);
/// What a user is told where it is missing.
std::string without_origin(const DatasetRef& from);

/// The sum of the planes first <= plane < last on the pixels of `part`. InputError where a value is not finite. Memory:
/// two planes of that size.
Image read_sum(const PhasePlanes& planes, Index first, Index last, const Box& part);

/// Reads positions [..., 2], (y, x) in angstrom.
std::vector<PointYX> read_points(const OpenFile& file, const std::string& dataset);

/// A result (/reconstruction) or the truth of a data set (/truth/phase_rad and layer_phase_rad or slice_phase_rad).
/// Throws InputError when the file holds neither.
PhaseStack find_phase_stack(const OpenFile& file);

}  // namespace tessera
