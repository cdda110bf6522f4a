#pragma once

#include "src/base/index.hpp"

namespace tessera {

/// Where `tessera preprocess` keeps electrons, and the reader finds them: which pixel each hit, all patterns one after
/// the other, and how many each pattern has.
struct EventLists {
  static constexpr const char* pixels = "/events/pixel";  ///< [electron] ky index times kx + kx index
  static constexpr const char* rows = "ky";               ///< attributes of it: the sides of a pattern
  static constexpr const char* columns = "kx";
  static constexpr const char* counts = "/events/count";     ///< (Ry, Rx) or (N), electrons of each pattern
  static constexpr const char* largest = "/events/largest";  ///< (1), the most electrons of a pixel in a pattern
  static constexpr Index most_short_pixels = 65536;          ///< of a pattern, that 16 bits can name
};

}  // namespace tessera
