#pragma once

#include <cstddef>
#include <vector>

#include "kernels/pixel_type.hpp"
#include "src/workflow/input/valid_pixels.hpp"

namespace tessera {

/// Pixels of a turned pattern that come from pixels of a stored frame at equal distances.
struct PixelRun {
  Index to, from, length, step;
};

/// Turns raw patterns into FFT order and checks their counts. Options, experiment and pixels must outlive it.
class Turner {
 public:
  /// `map` [pixel] to the raw pixel (as (ky, kx), however frames are stored), `valid` [pixel] 1 where it counts.
  Turner(const Experiment& experiment, const RawPixels& pixels, std::vector<Index> map, std::vector<double> valid);

  const std::vector<double>& valid() const { return valid_; }

  /// Fills the valid pixels of `turned` and returns the sum of their counts; the others must be zero. InputError for
  /// counts that are negative or not finite, and for pixels that are full in some patterns only.
  double turn(PixelType type, const std::byte* raw, std::byte* turned, Index position) const;

 private:
  template <class Stored>
  double turn_as(const Stored* raw, Stored* turned, Index position) const;
  template <class Stored>
  void check_full(const Stored* raw, const Stored* turned, Index position) const;
  template <class Stored>
  [[noreturn]] void reject(const Stored* turned, Index position) const;
  [[noreturn]] void reject_full(Index pixel, std::ptrdiff_t n, std::uint64_t full, Index pattern,
                                const std::string& but) const;

  const Experiment& experiment_;
  const RawPixels& pixels_;
  std::vector<Index> map_;
  std::vector<double> valid_;
  std::vector<PixelRun> runs_;
  std::vector<Index> full_;  ///< of pixels_.full, in a frame as it is stored
};

}  // namespace tessera
