#pragma once

#include <cstdint>
#include <span>

#include "src/base/index.hpp"

namespace tessera {

/// A 64-bit key that differs for every (seed, stream, index) and hides their order (splitmix64: G. L. Steele, D. Lea
/// and C. H. Flood, OOPSLA 2014). What is drawn from it does not depend on the number of ranks.
std::uint64_t random_key(std::int64_t seed, std::uint64_t stream, Index index);

/// Uniform in [0, 1) from a key.
double uniform(std::uint64_t key);

/// Replaces expected electrons by Poisson counts. Each pixel has random numbers of its own, from `key` and its index,
/// so that rounding in one pixel does not change the others.
void add_poisson_noise(std::uint64_t key, std::span<double> electrons);

}  // namespace tessera
