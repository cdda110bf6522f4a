#include "src/workflow/simulate/simulate_noise.hpp"

#include <random>

namespace tessera {
namespace {

std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// Random bits from one key, for the distributions of the standard library.
class KeyedBits {
 public:
  using result_type = std::uint64_t;
  explicit KeyedBits(std::uint64_t key) : key_(key) {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return mix(key_ + ++calls_ * 0x9e3779b97f4a7c15ULL); }

 private:
  std::uint64_t key_;
  std::uint64_t calls_ = 0;
};

}  // namespace

std::uint64_t random_key(std::int64_t seed, std::uint64_t stream, Index index) {
  return mix(mix(mix(static_cast<std::uint64_t>(seed)) ^ stream) ^ static_cast<std::uint64_t>(index));
}

double uniform(std::uint64_t key) { return static_cast<double>(key >> 11) * 0x1.0p-53; }

void add_poisson_noise(std::uint64_t key, std::span<double> electrons) {
  for (std::size_t i = 0; i < electrons.size(); ++i) {
    if (electrons[i] <= 0) {
      electrons[i] = 0;
      continue;
    }
    KeyedBits bits(mix(key ^ mix(i)));
    std::poisson_distribution<std::int64_t> poisson(electrons[i]);
    electrons[i] = static_cast<double>(poisson(bits));
  }
}

}  // namespace tessera
