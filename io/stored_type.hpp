#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// Element types of datasets. Complex numbers are compounds {r, i} as h5py writes them (or {real, imag}, MATLAB);
/// `other` is what we never write (signed and 64-bit integers, strings, ...).
enum class StoredType { u8, u16, u32, f32, f64, complex64, complex128, other };

/// Bytes of one element in memory; 0 for `other`.
constexpr Index bytes_of(StoredType type) {
  switch (type) {
    case StoredType::u8:
      return 1;
    case StoredType::u16:
      return 2;
    case StoredType::u32:
    case StoredType::f32:
      return 4;
    case StoredType::f64:
    case StoredType::complex64:
      return 8;
    case StoredType::complex128:
      return 16;
    case StoredType::other:
      return 0;
  }
  return 0;
}

/// The number of elements of an array of this shape. Throws InputError where it is beyond 2^63.
inline Index element_count(std::span<const Index> shape) {
  Index count = 1;
  for (const Index length : shape)
    if (__builtin_mul_overflow(count, length, &count))
      throw InputError(ExitCode::data_wrong,
                       fmt::format("an array of shape ({}) has too many elements", fmt::join(shape, ", ")));
  return count;
}

/// One rank's part of a distributed array: the box [start, start + count), in memory C order without gaps, of the
/// array's type. The bytes must live until the call that takes the block returns.
struct LocalBlock {
  std::vector<Index> start;
  std::vector<Index> count;
  const void* data = nullptr;
};

/// Numbers attached to a file, group or dataset: a scalar when there is one, otherwise a list.
using NumericAttributes = std::vector<std::pair<std::string, std::vector<double>>>;
using TextAttributes = std::vector<std::pair<std::string, std::string>>;

}  // namespace tessera
