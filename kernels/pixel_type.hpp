#pragma once

#include <cstdint>

#include "src/base/error.hpp"
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

/// Returns use(Stored{}), where Stored is the type that counts are stored in.
template <class Use>
decltype(auto) with_pixel_type(PixelType type, const Use& use) {
  switch (type) {
    case PixelType::uint8:
      return use(std::uint8_t{});
    case PixelType::uint16:
      return use(std::uint16_t{});
    case PixelType::uint32:
      return use(std::uint32_t{});
    default:
      TESSERA_ASSERT(type == PixelType::float32, static_cast<int>(type));
      return use(float{});
  }
}

}  // namespace tessera
