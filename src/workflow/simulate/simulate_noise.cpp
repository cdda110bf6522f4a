#include "src/workflow/simulate/simulate_noise.hpp"

#include <random>

#include "src/base/random.hpp"

namespace tessera {
namespace {

std::uint64_t mix(std::uint64_t z) { return splitmix_output(z + splitmix_step); }

/// Random bits from one key, for the distributions of the standard library.
class KeyedBits {
 public:
  using result_type = std::uint64_t;
  explicit KeyedBits(std::uint64_t key) : key_(key) {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return mix(key_ + ++calls_ * splitmix_step); }

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
