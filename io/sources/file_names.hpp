#pragma once

#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// Files of one pattern each, in the order of the scan, and its shape: (Ry, Rx) where names tell, otherwise (N).
struct NamedFiles {
  std::vector<std::string> files;
  std::vector<Index> scan;
};

/// Whether a name stands for several files: a folder, or with * or {n}, {y}, {x} in its last part.
bool names_several_files(const std::string& name);

/// What a folder or a pattern of names stands for. In the last part of a path, * is any text, {n} the number of a
/// position, {y} and {x} its row and column. Without numbers, names are in their natural order (2 before 10). All files
/// of a folder count but hidden ones and text, and must be of one extension. InputError where there is none, numbers
/// come twice, or a raster has holes.
NamedFiles named_files(const std::string& name);

/// Whether a comes before b where digits are compared as numbers.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace tessera
