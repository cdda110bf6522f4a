#pragma once

#include "src/base/index.hpp"

namespace tessera {

/// How detector counts are stored, in the file and in memory.
enum class PixelType { uint8, uint16, uint32, float32 };

constexpr Index bytes_of(PixelType type) {
  switch (type) {
    case PixelType::uint8:
      return 1;
    case PixelType::uint16:
      return 2;
    default:
      return 4;
  }
}

}  // namespace tessera
