#pragma once

#include "src/base/index.hpp"
#include "src/base/portable.hpp"

namespace tessera {

/// The rows of a spectrum [ny, nx] in FFT order that a band limit lets pass: the first and the last `half` ones, or all
/// when these are as many.
struct FrequencyBand {
  Index ny = 0;
  Index half = 0;

  TESSERA_HD constexpr bool all() const { return 2 * half >= ny; }
  TESSERA_HD constexpr Index rows() const { return all() ? ny : 2 * half; }
  /// The row of the spectrum that is the band's i-th.
  TESSERA_HD constexpr Index row(Index i) const { return all() || i < half ? i : i + ny - 2 * half; }
};

}  // namespace tessera
