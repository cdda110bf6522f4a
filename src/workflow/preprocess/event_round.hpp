#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/index.hpp"

namespace tessera {

/// Pixels of a pattern that 16 bits can name.
constexpr Index most_short_pixels = 65536;

/// Patterns of a round as the pixels that electrons hit, in the order of the patterns; a pixel that counts several is
/// listed as often.
class EventRound {
 public:
  /// `valid` [pixel]: what hits the others is not listed.
  explicit EventRound(std::vector<double> valid) : valid_(std::move(valid)) {}

  void begin(Index patterns);
  /// Pattern `at` of the round, after those before it. Whole counts; negative ones are none: returns their sum without
  /// its sign. InputError where the round has more electrons than pixels: lists are then larger than patterns.
  double put(Index at, std::span<const double> counts);

  const std::vector<std::uint32_t>& per_pattern() const { return per_pattern_; }
  std::span<const std::uint32_t> pixels() const { return pixels_; }
  /// The same in 16 bits, for patterns of up to 65536 pixels.
  std::vector<std::uint16_t> short_pixels() const { return {pixels_.begin(), pixels_.end()}; }
  /// The most electrons that one pixel has had in any round.
  std::uint32_t largest() const { return largest_; }

 private:
  std::vector<double> valid_;
  std::vector<std::uint32_t> per_pattern_, pixels_;
  std::uint32_t largest_ = 0;
};

}  // namespace tessera
