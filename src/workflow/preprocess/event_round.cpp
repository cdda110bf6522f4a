#include "src/workflow/preprocess/event_round.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/error.hpp"
#include "src/workflow/preprocess/exact_sums.hpp"

namespace tessera {

void EventRound::begin(Index patterns) { lists_.assign(static_cast<std::size_t>(patterns), {}); }

void EventRound::put(Index at, std::span<const double> counts, const std::function<std::string()>& name) {
  const double sum = weighted_sum(counts, valid_);
  if (sum > static_cast<double>(counts.size()))
    throw InputError(ExitCode::data_wrong,
                     fmt::format("preprocess.compress.kind is events, but {} has {:.0f} electrons, more than its {} "
                                 "pixels: its list would be larger than itself; use none, or bin",
                                 name(), sum, counts.size()));
  std::vector<std::uint32_t>& list = lists_[static_cast<std::size_t>(at)];
  list.reserve(static_cast<std::size_t>(sum));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (valid_[i] == 0 || counts[i] == 0) continue;
    const auto count = static_cast<std::uint32_t>(std::lround(counts[i]));
    list.insert(list.end(), count, static_cast<std::uint32_t>(i));
    largest_ = std::max(largest_, count);
  }
}

std::vector<std::uint32_t> EventRound::counts() const {
  std::vector<std::uint32_t> all;
  all.reserve(lists_.size());
  for (const std::vector<std::uint32_t>& list : lists_) all.push_back(static_cast<std::uint32_t>(list.size()));
  return all;
}

std::size_t EventRound::electrons() const {
  std::size_t sum = 0;
  for (const std::vector<std::uint32_t>& list : lists_) sum += list.size();
  return sum;
}

}  // namespace tessera
