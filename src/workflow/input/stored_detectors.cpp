#include "src/workflow/input/stored_detectors.hpp"

#include <algorithm>
#include <cmath>

#include "io/dataset.hpp"

namespace tessera {

namespace {

/// Where detectors are read, and the option that says so.
struct Source {
  const std::string& key;
  const DatasetRef& at;
};

template <class... Values>
[[noreturn]] void refuse(const Source& from, fmt::format_string<Values...> format, Values&&... values) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {} {} {}", from.at.file, from.key, from.at.dataset,
                                                     fmt::format(format, std::forward<Values>(values)...)));
}

void check_weight(const Source& from, double weight, std::size_t at) {
  if (!std::isfinite(weight)) refuse(from, "has a weight that is no finite number, element {}", at);
}

StoredDetectors read_dense(const Source& from, const std::vector<Index>& shape) {
  const std::size_t rank = shape.size();
  StoredDetectors stored{.rows = {}, .sets = rank == 4 ? shape[0] : 1, .ny = shape[rank - 2], .nx = shape[rank - 1]};
  const std::vector<double> weights = read_real(from.at.file, from.at.dataset);
  if (weights.empty()) refuse(from, "has shape ({}); no axis may be empty", fmt::join(shape, ", "));
  const Index pixels = stored.ny * stored.nx;
  stored.rows.channels = static_cast<Index>(weights.size()) / pixels;
  stored.rows.start = {0};
  for (Index i = 0; i < stored.rows.channels; ++i) {
    for (Index q = 0; q < pixels; ++q) {
      const double weight = weights[i * pixels + q];
      check_weight(from, weight, static_cast<std::size_t>(i * pixels + q));
      if (weight == 0) continue;
      stored.rows.pixel.push_back(q);
      stored.rows.weight.push_back(weight);
    }
    stored.rows.start.push_back(static_cast<Index>(stored.rows.pixel.size()));
  }
  return stored;
}

/// Segments: label i is channel i - 1.
StoredDetectors read_labels(const Source& from, const std::vector<Index>& shape) {
  const std::vector<double> labels = read_real(from.at.file, from.at.dataset);
  // A type may call itself an integer and yet be converted to a fraction.
  for (const double label : labels)
    if (label != std::floor(label)) refuse(from, "has the label {}, which is no whole number", label);
  const double largest = labels.empty() ? 0 : *std::ranges::max_element(labels);
  if (largest > static_cast<double>(labels.size())) refuse(from, "has the label {}, beyond its pixels", largest);
  std::vector<std::vector<Index>> segments(static_cast<std::size_t>(std::max(0.0, largest)));
  for (std::size_t q = 0; q < labels.size(); ++q)
    if (labels[q] > 0) segments[static_cast<std::size_t>(labels[q]) - 1].push_back(static_cast<Index>(q));
  StoredDetectors stored{.rows = {.channels = static_cast<Index>(segments.size())}, .ny = shape[0], .nx = shape[1]};
  stored.rows.start = {0};
  for (const std::vector<Index>& segment : segments) {
    stored.rows.pixel.insert(stored.rows.pixel.end(), segment.begin(), segment.end());
    stored.rows.start.push_back(static_cast<Index>(stored.rows.pixel.size()));
  }
  stored.rows.weight.assign(stored.rows.pixel.size(), 1.0);
  return stored;
}

std::vector<Index> as_indices(const Source& from, const std::string& name) {
  std::vector<Index> indices;
  for (const double value : read_real(from.at.file, from.at.dataset + "/" + name)) {
    constexpr double most = 0x1p53;  // beyond, doubles are no longer every whole number
    if (!(value >= 0 && value <= most) || value != std::floor(value)) refuse(from, "has {} in its {}", value, name);
    indices.push_back(static_cast<Index>(value));
  }
  return indices;
}

/// As scipy's csr_matrix is kept in HDF5: indptr, indices, data, and shape as an attribute or a dataset.
StoredDetectors read_sparse(const Source& from) {
  std::vector<double> shape;
  if (const auto attribute = read_attribute(from.at.file, from.at.dataset, "shape"))
    shape = *attribute;
  else if (dataset_exists(from.at.file, from.at.dataset + "/shape"))
    shape = read_real(from.at.file, from.at.dataset + "/shape");
  if (shape.size() < 2 || shape.size() > 4)
    refuse(from,
           "is a group; it needs `shape`, an attribute or a dataset: (channels, pixels), (channels, ky, kx) or "
           "(sets, channels, ky, kx)");
  constexpr double most = 1e9;  // along an axis; far from what 64 bits hold, of two axes together, too
  for (const double value : shape)
    if (!(value >= 1 && value <= most) || value != std::floor(value))
      refuse(from, "has {} in its shape; it must hold whole numbers from 1 to {:.0e}", value, most);
  const auto length = [&](std::size_t from_end) { return static_cast<Index>(shape[shape.size() - from_end]); };
  StoredDetectors stored;
  if (shape.size() > 2) {
    stored.ny = length(2);
    stored.nx = length(1);
  }
  if (shape.size() == 4) stored.sets = length(4);
  const Index pixels = shape.size() > 2 ? stored.ny * stored.nx : length(1);
  const Index channels = shape.size() > 2 ? length(3) : length(2);
  stored.rows = {.channels = stored.sets * channels,
                 .start = as_indices(from, "indptr"),
                 .pixel = as_indices(from, "indices"),
                 .weight = read_real(from.at.file, from.at.dataset + "/data")};
  const VirtualDetectors& rows = stored.rows;
  const auto entries = static_cast<Index>(rows.weight.size());
  const bool fits = static_cast<Index>(rows.start.size()) == rows.channels + 1 && rows.start.front() == 0 &&
                    rows.start.back() == entries && std::ranges::is_sorted(rows.start) &&
                    static_cast<Index>(rows.pixel.size()) == entries;
  if (!fits)
    refuse(from, "has {} numbers in indptr, {} in indices and {} in data, which make no matrix of {} rows",
           rows.start.size(), rows.pixel.size(), entries, rows.channels);
  for (std::size_t k = 0; k < rows.weight.size(); ++k) {
    check_weight(from, rows.weight[k], k);
    if (rows.pixel[k] >= pixels) refuse(from, "has pixel {} in its indices, beyond {}", rows.pixel[k], pixels);
  }
  if (shape.size() == 2) stored.nx = -pixels;  // how many, not in which rows
  return stored;
}

StoredDetectors read_any(const Source& from) {
  const auto& [file, dataset] = from.at;
  if (!dataset_exists(file, dataset) && dataset_exists(file, dataset + "/indptr")) return read_sparse(from);
  const DatasetInfo info = dataset_info(file, dataset);
  const bool integers = info.type_name.find("int") != std::string::npos;
  if (info.shape.size() == 2 && integers) return read_labels(from, info.shape);
  if (info.shape.size() == 3 || info.shape.size() == 4) return read_dense(from, info.shape);
  refuse(from,
         "has shape ({}); it must be (channel, ky, kx) or (set, channel, ky, kx), integer labels (ky, kx), or a "
         "group with indptr, indices, data and shape",
         fmt::join(info.shape, ", "));
}

}  // namespace

StoredDetectors read_stored_detectors(const std::string& key, const DatasetRef& at) {
  const Source from{key, at};
  StoredDetectors stored = read_any(from);
  if (stored.rows.channels == 0 || stored.sets == 0) refuse(from, "holds no detector");
  return stored;
}

StoredDetectors read_one_set(const std::string& key, const DatasetRef& at, Index ny, Index nx) {
  const Source from{key, at};
  const auto require_pixels = [&](Index rows, Index columns) {
    if (rows != ny || columns != nx)
      refuse(from, "lies on {} x {} pixels, but patterns that are written have {} x {}", rows, columns, ny, nx);
  };
  if (dataset_exists(at.file, at.dataset)) {
    const std::vector<Index> shape = dataset_info(at.file, at.dataset).shape;
    if (shape.size() == 4 && shape[0] != 1)
      refuse(from, "has shape ({}), several sets; a compressed file has one for all positions", fmt::join(shape, ", "));
    if (shape.size() >= 2) require_pixels(shape[shape.size() - 2], shape.back());
    if (shape.size() >= 3 && shape[shape.size() - 3] > ny * nx)
      refuse(from, "has shape ({}), more channels than the {} pixels of a pattern", fmt::join(shape, ", "), ny * nx);
  }
  StoredDetectors stored = read_stored_detectors(key, at);
  if (stored.sets != 1) refuse(from, "holds {} sets; a compressed file has one for all positions", stored.sets);
  if (stored.nx >= 0) require_pixels(stored.ny, stored.nx);
  if (stored.nx < 0 && -stored.nx != ny * nx)
    refuse(from, "lies on {} pixels, but patterns that are written have {} x {}", -stored.nx, ny, nx);
  return stored;
}

void broadcast(const Comm& comm, VirtualDetectors& detectors) {
  comm.broadcast(detectors.channels);
  comm.broadcast(detectors.start);
  comm.broadcast(detectors.pixel);
  comm.broadcast(detectors.weight);
}

}  // namespace tessera
