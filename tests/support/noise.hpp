#pragma once

#include <cstdint>

#include "src/arrays/complex.hpp"
#include "src/base/index.hpp"
#include "src/base/random.hpp"

namespace tessera::testing {

/// Random numbers that depend on (seed, index) alone (src/base/random.hpp), under short names.
inline double uniform(std::uint64_t seed, Index index) { return random_uniform(seed, index); }
inline double normal(std::uint64_t seed, Index index) { return random_normal(seed, index); }

/// Real and imaginary part normal and independent.
template <class Real>
Complex<Real> complex_normal(std::uint64_t seed, Index index) {
  return {static_cast<Real>(normal(seed, 2 * index)), static_cast<Real>(normal(seed, 2 * index + 1))};
}

}  // namespace tessera::testing
