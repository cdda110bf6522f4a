#pragma once

#include <string>
#include <vector>

#include "io/sources/source.hpp"

namespace tessera {

/// What a NumPy file says of its array.
struct NpyHeader {
  RawElement element;
  bool fortran_order = false;
  std::vector<Index> shape;
  Index offset_bytes = 0;  ///< of the first element
};

/// From the first bytes of a file. InputError where it is no NumPy file, holds objects, structures or complex numbers,
/// or a shape that cannot be.
NpyHeader npy_header(const std::string& bytes, const std::string& file);
NpyHeader read_npy_header(const std::string& file);

/// A small array: its shape and its numbers, in C order. InputError where it has more than 2^27 elements.
struct SmallArray {
  std::vector<Index> shape;
  std::vector<double> values;
  bool whole = false;  ///< integers or booleans
};
SmallArray read_npy(const std::string& file);

}  // namespace tessera
