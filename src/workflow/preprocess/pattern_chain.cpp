#include "src/workflow/preprocess/pattern_chain.hpp"

#include <algorithm>
#include <set>

namespace tessera {

namespace {

/// to(y, x) = from(y + shift.y, x + shift.x), 0 where that lies outside.
void shift_pattern(std::span<const double> from, Index ny, Index nx, const PixelShift& shift, std::span<double> to) {
  std::ranges::fill(to, 0.0);
  for (Index y = std::max<Index>(0, -shift.y); y < std::min(ny, ny - shift.y); ++y)
    for (Index x = std::max<Index>(0, -shift.x); x < std::min(nx, nx - shift.x); ++x)
      to[y * nx + x] = from[(y + shift.y) * nx + x + shift.x];
}

}  // namespace

std::vector<double> valid_under_shifts(std::span<const double> valid, Index ny, Index nx,
                                       std::span<const PixelShift> shifts) {
  std::vector<double> all(valid.begin(), valid.end()), moved(valid.size());
  for (const PixelShift& shift : std::set<PixelShift>(shifts.begin(), shifts.end())) {
    shift_pattern(valid, ny, nx, shift, moved);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::min(all[i], moved[i]);
  }
  return all;
}

PatternChain::PatternChain(const PreprocessInput& input, std::string dataset, Correction correction,
                           const DetectorGeometry& geometry, std::vector<PixelShift> shifts)
    : input_(input),
      dataset_(std::move(dataset)),
      correction_(std::move(correction)),
      shifts_(std::move(shifts)),
      shape_(geometry.shape),
      resampler_(make_resampler(geometry, valid_under_shifts(correction_.valid, input.ny, input.nx, shifts_))),
      corrected_(static_cast<std::size_t>(input.pixel_count())),
      shifted_(shifts_.empty() ? 0 : corrected_.size()),
      pattern_(static_cast<std::size_t>(pixels())) {
  copies_ = geometry.identity() && shifts_.empty();
}

std::span<const double> PatternChain::apply(Index position, const std::byte* raw) {
  const auto pattern_name = [&] { return fmt::format("{} pattern {}", dataset_, input_.patterns[position]); };
  correct_pattern(correction_, raw, pattern_name, corrected_);
  if (copies_) return corrected_;
  if (!shifts_.empty()) shift_pattern(corrected_, input_.ny, input_.nx, shifts_[position], shifted_);
  resampler_.apply(shifts_.empty() ? corrected_ : shifted_, pattern_);
  return pattern_;
}

std::vector<double> PatternChain::of_mean(std::span<const double> corrected) const {
  std::vector<double> mean(static_cast<std::size_t>(pixels()));
  resampler_.apply(corrected, mean);
  return mean;
}

}  // namespace tessera
