#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// What a report tells of a result's object.
struct ResultSummary {
  Index slices = 0, ny = 0, nx = 0;         ///< of the object
  double dy_A = 0, dx_A = 0;                ///< its pixel
  Index positions = 0;                      ///< of the scan
  double scanned_y_A = 0, scanned_x_A = 0;  ///< the field that the positions span
  std::vector<Index> shown;                 ///< slices that have a picture
  std::vector<std::string> slice_pictures;  ///< their PNG files
};

/// From result.emd. Of several slices at most 32, evenly chosen, are pictures of at most 512 pixels a side; no more
/// than 2 GiB of the file are read for them, band by band. Throws what the readers of HDF5 throw.
ResultSummary summarise_result(const std::string& result, bool with_pictures);

}  // namespace tessera
