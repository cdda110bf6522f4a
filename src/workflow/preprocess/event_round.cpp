#include "src/workflow/preprocess/event_round.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/error.hpp"

namespace tessera {

void EventRound::begin(Index patterns) {
  per_pattern_.assign(static_cast<std::size_t>(patterns), 0);
  pixels_.clear();
}

double EventRound::put(Index at, std::span<const double> counts) {
  const double most = static_cast<double>(valid_.size() * per_pattern_.size());
  double lost = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (valid_[i] == 0) continue;
    if (counts[i] < 0) lost -= counts[i];
    if (counts[i] < 0.5) continue;
    if (static_cast<double>(pixels_.size()) + counts[i] > most)
      throw InputError(ExitCode::run_file,
                       fmt::format("preprocess.compress.kind is events, but {} patterns have more electrons than "
                                   "pixels, {}, so that lists are larger than patterns; use none, or bin",
                                   per_pattern_.size(), most));
    const auto count = static_cast<std::uint32_t>(std::lround(counts[i]));
    pixels_.insert(pixels_.end(), count, static_cast<std::uint32_t>(i));
    per_pattern_[static_cast<std::size_t>(at)] += count;
    largest_ = std::max(largest_, count);
  }
  return lost;
}

}  // namespace tessera
