#include <algorithm>
#include <cmath>

#include "io/h5.hpp"
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

std::optional<std::string> H5Look::text(const std::string& path) const {
  if (!file.has(path)) return std::nullopt;
  const H5Id id = open_file_read(file.name());
  const H5Id dataset = open_dataset(id.get(), file.name(), path);
  const H5Id type = checked(H5Dget_type(dataset.get()), H5Tclose, "H5Dget_type");
  const H5Id space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
  if (H5Tget_class(type.get()) != H5T_STRING || element_count(extents_of(space.get())) != 1) return std::nullopt;
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    if (H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) < 0 || text == nullptr)
      return std::nullopt;
    std::string copy(text);
    H5free_memory(text);
    return copy;
  }
  std::string text(H5Tget_size(type.get()), '\0');
  if (H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()) < 0) return std::nullopt;
  return text.substr(0, text.find('\0'));
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
