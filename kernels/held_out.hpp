#pragma once

#include "src/base/index.hpp"
#include "src/base/portable.hpp"
#include "src/base/random.hpp"

namespace tessera {

/// Which pixels of a batch are kept out of the fit, to judge it by: those whose 32 random bits lie in first <= bits <
/// first + count. The bits are those of (seed, pattern's name, pixel) or, of whole patterns, of (seed, name): a pixel's
/// fate depends on nothing else. 32 bits and no branch, so that the loss stays vector code.
struct HeldOut {
  std::uint32_t first = 0;
  std::uint32_t count = 0;  ///< share x 2^32; 0: nothing is held out
  std::uint64_t seed = 0;
  std::uint32_t pixel_step = 1;  ///< 0: whole patterns
  const Index* names = nullptr;  ///< [position of the batch] their places in the whole scan

  bool any() const { return count > 0; }
  /// Turned round: what is fitted is held out, to judge the rest in its place.
  HeldOut others() const {
    HeldOut turned = *this;
    turned.first = first + count;
    turned.count = 0U - count;
    return turned;
  }
  /// Whether `pixel` of position p is held out.
  TESSERA_HD bool holds(Index p, Index pixel) const {
    const std::uint64_t key = random_bits(seed, names[p]);
    return random_bits_of_pixel(key, static_cast<std::uint32_t>(pixel) * pixel_step) - first < count;
  }
};

}  // namespace tessera
