#pragma once

#include "src/base/index.hpp"
#include "src/base/portable.hpp"
#include "src/base/random.hpp"

namespace tessera {

/// Which pixels of a batch are kept out of the fit, to judge it by: those whose hash of (seed, pattern's name, pixel)
/// is below a bound, or, of whole patterns, of (seed, name). A pixel's fate depends on nothing else.
struct HeldOut {
  std::uint64_t below = 0;  ///< share x 2^64; 0: nothing is held out
  std::uint64_t seed = 0;
  bool whole_patterns = false;
  bool others = false;           ///< turned round: what is fitted is held out, to judge the rest in its place
  const Index* names = nullptr;  ///< [position of the batch] their places in the whole scan

  bool any() const { return below > 0; }
  /// Whether `pixel` of the `pixels` of position p is held out.
  TESSERA_HD bool holds(Index p, Index pixel, Index pixels) const {
    return (random_bits(seed, whole_patterns ? names[p] : names[p] * pixels + pixel) < below) != others;
  }
};

}  // namespace tessera
