#pragma once

#include <algorithm>
#include <cstddef>

namespace tessera {

/// Calls `action(first, last)` for pieces of 0 .. n - 1, so that several passes over numbers find them in the
/// first-level cache: 1024 doubles are 8 KiB.
template <class Action>
void in_cache_blocks(std::size_t n, Action&& action) {
  constexpr std::size_t block = 1024;
  for (std::size_t first = 0; first < n; first += block) action(first, std::min(first + block, n));
}

}  // namespace tessera
