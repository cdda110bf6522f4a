#pragma once

#include <cmath>
#include <cstdint>

#include "src/base/constants.hpp"
#include "src/base/index.hpp"
#include "src/base/portable.hpp"

namespace tessera {

/// The step between two states of splitmix64 (G. L. Steele, D. Lea and C. H. Flood, 2014).
constexpr std::uint64_t splitmix_step = 0x9e3779b97f4a7c15U;

/// Its output for a state, after S. Vigna.
TESSERA_HD inline std::uint64_t splitmix_output(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// splitmix64 of (seed, index): a value depends on its index alone, never on how many ranks or threads drew others.
TESSERA_HD inline std::uint64_t random_bits(std::uint64_t seed, Index index) {
  return splitmix_output(seed * 0xd1342543de82ef95U + (static_cast<std::uint64_t>(index) + 1) * splitmix_step);
}

/// 32 bits of (key, pixel), of 32-bit operations alone: murmur3's finaliser, after A. Appleby, with half of the key
/// added on the way. For loops over the pixels of a pattern whose key is `random_bits`.
TESSERA_HD inline std::uint32_t random_bits_of_pixel(std::uint64_t key, std::uint32_t pixel) {
  std::uint32_t h = pixel ^ static_cast<std::uint32_t>(key);
  h = (h ^ (h >> 16)) * 0x85ebca6bU + static_cast<std::uint32_t>(key >> 32);
  h = (h ^ (h >> 13)) * 0xc2b2ae35U;
  return h ^ (h >> 16);
}

/// Uniform in [0, 1).
inline double random_uniform(std::uint64_t seed, Index index) {
  return static_cast<double>(random_bits(seed, index) >> 11) * 0x1p-53;
}

/// Normal with mean 0 and variance 1 (Box and Muller).
inline double random_normal(std::uint64_t seed, Index index) {
  const double radius = std::sqrt(-2 * std::log1p(-random_uniform(seed, 2 * index)));
  return radius * std::cos(2 * pi * random_uniform(seed, 2 * index + 1));
}

}  // namespace tessera
