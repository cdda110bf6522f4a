#include <algorithm>
#include <cmath>

#include "io/sources/h5_layouts.hpp"

namespace tessera {

const ListedDataset* H5Look::find(const std::string& path) const {
  const auto found = std::ranges::find(datasets, path, &ListedDataset::path);
  return found == datasets.end() ? nullptr : &*found;
}

std::optional<double> H5Look::number(const std::string& path) const {
  if (!file.has(path)) return std::nullopt;
  constexpr Index most = 1'000'000;
  const DatasetInfo info = file.info(path);
  if (!info.numeric || element_count(info.shape) < 1 || element_count(info.shape) > most) return std::nullopt;
  const double value = file.real(path).front();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

namespace {

bool looks_like_patterns(const DatasetInfo& info) {
  constexpr Index least_px = 8, longest_ratio = 8;
  const std::size_t axes = info.shape.size();
  if (!info.numeric || (axes != 3 && axes != 4) || element_count(info.shape) == 0) return false;
  const auto [shorter, longer] = std::minmax(info.shape[axes - 2], info.shape[axes - 1]);
  return shorter >= least_px && longer <= longest_ratio * shorter;
}

}  // namespace

const ListedDataset* find_patterns(const std::vector<ListedDataset>& datasets) {
  const ListedDataset* found = nullptr;
  const auto merit = [](const ListedDataset& d) { return std::pair(d.path == "/data", element_count(d.info.shape)); };
  for (const ListedDataset& dataset : datasets)
    if (looks_like_patterns(dataset.info) && (found == nullptr || merit(dataset) > merit(*found))) found = &dataset;
  return found;
}

}  // namespace tessera
