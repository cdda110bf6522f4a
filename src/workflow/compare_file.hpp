#pragma once

#include <string>
#include <vector>

#include "src/model/compare_metrics.hpp"

namespace tessera {

/// What `tessera compare` takes from a file: phase slices [rad] and where they lie.
struct PhaseStack {
  std::vector<Image> slices;  ///< empty when the file holds only the sum
  Image sum;
  std::vector<PointYX> positions_A;  ///< empty when there are none
};

/// Pixel size and origin of a dataset [..., y, x]: numeric attributes pixel_size_A (one number or (y, x)) and origin_A
/// (y, x) of the dataset, of its group or of the file, in this order; an origin that is absent or a text means (0, 0).
/// Throws InputError when there is no pixel size.
ObjectFrame stored_frame(const std::string& file, const std::string& dataset);

/// Reads a dataset [y, x] or [slice, y, x] of phases.
std::vector<Image> read_images(const std::string& file, const std::string& dataset);

/// Reads positions [..., 2], (y, x) in angstrom.
std::vector<PointYX> read_points(const std::string& file, const std::string& dataset);

/// A result (/reconstruction) or the truth of a data set (/truth/phase_rad and layer_phase_rad or slice_phase_rad).
/// Throws InputError when the file holds neither.
PhaseStack read_phase_stack(const std::string& file);

}  // namespace tessera
