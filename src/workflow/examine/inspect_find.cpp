#include "src/workflow/examine/inspect_find.hpp"

#include <algorithm>

#include "src/base/words.hpp"

namespace tessera {
namespace {

bool looks_like_positions(const ListedDataset& dataset) {
  const auto& shape = dataset.info.shape;
  const std::string path = lower_case(dataset.path);
  return dataset.info.numeric && (shape.size() == 2 || shape.size() == 3) && shape.back() == 2 &&
         element_count(shape) > 0 && path.find("position") != std::string::npos;
}

/// The best of those that fit: the greatest `merit`, the first among equals.
template <class Fits, class Merit>
const ListedDataset* best(const std::vector<ListedDataset>& datasets, const Fits& fits, const Merit& merit) {
  const ListedDataset* found = nullptr;
  for (const ListedDataset& dataset : datasets)
    if (fits(dataset) && (found == nullptr || merit(dataset) > merit(*found))) found = &dataset;
  return found;
}

}  // namespace

const ListedDataset* find_positions(const std::vector<ListedDataset>& datasets, Index n_patterns) {
  return best(datasets, looks_like_positions, [&](const ListedDataset& d) {
    return std::pair(d.path == "/positions_A", element_count(d.info.shape) == 2 * n_patterns);
  });
}

}  // namespace tessera
