#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// A small array that lies beside the patterns: a dataset of an HDF5 file, or a NumPy file, which needs no name.
struct BesideArray {
  std::string file, dataset;
  std::vector<Index> shape;
  bool whole = false;               ///< integers
  std::optional<std::string> unit;  ///< as its attribute says
};

/// Serial. What it is, without its elements: their number is to be looked at before they are read. InputError where it
/// is not there.
BesideArray look_beside(const std::string& file, const std::string& dataset);
/// Its elements. InputError where they were not written, or are no real numbers.
std::vector<double> read_beside(const BesideArray& array);

}  // namespace tessera
