#include "src/workflow/simulate_noise.hpp"

#include <random>

namespace tessera {
namespace {

std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

std::uint64_t random_key(std::int64_t seed, std::uint64_t stream, Index index) {
  return mix(mix(mix(static_cast<std::uint64_t>(seed)) ^ stream) ^ static_cast<std::uint64_t>(index));
}

double uniform(std::uint64_t key) { return static_cast<double>(key >> 11) * 0x1.0p-53; }

void add_poisson_noise(std::uint64_t key, std::span<double> electrons) {
  std::mt19937_64 generator(key);
  for (double& value : electrons) {
    if (value <= 0) {
      value = 0;
      continue;
    }
    std::poisson_distribution<std::int64_t> poisson(value);
    value = static_cast<double>(poisson(generator));
  }
}

}  // namespace tessera
