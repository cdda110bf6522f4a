#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// A small array that lies beside the patterns: a dataset of an HDF5 file, or a NumPy file, which needs no name.
struct BesideArray {
  std::vector<Index> shape;
  std::vector<double> values;
  bool whole = false;               ///< integers
  std::optional<std::string> unit;  ///< as its attribute says
};

/// Serial. InputError where it is not there, was not written, or holds no real numbers.
BesideArray read_beside(const std::string& file, const std::string& dataset);

}  // namespace tessera
