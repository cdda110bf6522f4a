#pragma once

#include <string>

#include "io/dataset.hpp"
#include "io/text_file.hpp"

namespace tessera {

/// One array of a result, "phase" say, as a file of its own.
struct ArrayExport {
  std::string array;
  std::string path;
  Existing existing = Existing::keep;
  int bits = 16;  ///< of a PNG
};

// Each is serial, reads the array slab by slab and writes what is whole or nothing. What the array is not fit for is an
// InputError.

/// Any array, in the type in which it is stored.
void export_npy(const OpenFile& file, const ArrayExport& wanted);
/// A stack [..., y, x] of real numbers as 32-bit floats, with pixel size and distance of slices where they are known.
void export_tiff(const OpenFile& file, const ArrayExport& wanted);
/// One image of finite real numbers: levels from the smallest to the largest, which sidecar_of(path) tells.
void export_png(const OpenFile& file, const ArrayExport& wanted);

/// The JSON file beside a PNG: the same name with .json in the place of its ending.
std::string sidecar_of(const std::string& path);

}  // namespace tessera
