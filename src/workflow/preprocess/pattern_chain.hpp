#pragma once

#include <span>
#include <vector>

#include "src/workflow/preprocess/correction.hpp"
#include "src/workflow/preprocess/resample.hpp"

namespace tessera {

/// By how many whole pixels a pattern is moved, so that what lay at (y + this.y, x + this.x) lies at (y, x).
struct PixelShift {
  Index y = 0, x = 0;
  friend bool operator==(const PixelShift&, const PixelShift&) = default;
  friend bool operator<(const PixelShift& a, const PixelShift& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }
};

/// All that happens to one pattern, in its order: correction, shift, resampling with crop, sums and padding.
class PatternChain {
 public:
  /// `shifts` [position], or empty. Pixels that some shift brings in from a bad pixel or from outside are bad in all.
  PatternChain(const PreprocessInput& input, std::string dataset, Correction correction,
               const DetectorGeometry& geometry, std::vector<PixelShift> shifts);

  /// The pattern of a position, [ky, kx], in the values of the file; valid until the next call.
  std::span<const double> apply(Index position, const std::byte* raw);
  /// The same of a raw pattern that was corrected already, without a shift: of a mean.
  std::vector<double> of_mean(std::span<const double> corrected) const;

  Index ny() const { return shape_[0]; }
  Index nx() const { return shape_[1]; }
  Index pixels() const { return shape_[0] * shape_[1]; }
  const std::vector<double>& valid() const { return resampler_.valid; }
  /// Whether whole numbers stay whole.
  bool keeps_integers() const { return correction_.keeps_integers() && resampler_.whole; }
  bool keeps_pixels() const { return resampler_.whole; }
  std::size_t bytes() const { return resampler_.bytes() + (3 * corrected_.size() + pattern_.size()) * sizeof(double); }

 private:
  const PreprocessInput& input_;
  std::string dataset_;
  Correction correction_;
  std::vector<PixelShift> shifts_;
  std::array<Index, 2> shape_;
  bool copies_;
  Resampler resampler_;
  std::vector<double> corrected_, shifted_, pattern_;
};

/// 1 where a pixel is valid under every shift.
std::vector<double> valid_under_shifts(std::span<const double> valid, Index ny, Index nx,
                                       std::span<const PixelShift> shifts);

}  // namespace tessera
