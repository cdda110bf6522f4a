#include "tests/support/noise.hpp"
#include "tests/support/small_problem.hpp"

namespace tessera::testing {

VirtualSets virtual_sets(Index count, Index pixels, bool signed_weights) {
  constexpr Index channels = 9;
  constexpr std::uint64_t seed = 21;
  std::vector<VirtualDetectors> sets;
  for (Index s = 0; s < count; ++s) {
    VirtualDetectors set{.channels = channels, .start = {0}};
    for (Index i = 0; i < channels; ++i) {
      for (Index q = 0; q < pixels; ++q) {
        const double random = uniform(seed, (s * channels + i) * pixels + q);
        if (random > 1.0 / 3) continue;
        set.pixel.push_back(q);
        set.weight.push_back(signed_weights ? 6 * random - 1 : 0.5 + 3 * random);
      }
      set.start.push_back(static_cast<Index>(set.pixel.size()));
    }
    sets.push_back(set);
  }
  return std::make_shared<const std::vector<VirtualDetectors>>(sets);
}

}  // namespace tessera::testing
