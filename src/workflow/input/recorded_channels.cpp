#include "src/workflow/input/recorded_channels.hpp"

#include <algorithm>
#include <cmath>

#include "io/dataset.hpp"

namespace tessera {

namespace {

/// An error about detector.virtual.
template <class... Values>
[[noreturn]] void refuse(const DatasetRef& from, fmt::format_string<Values...> format, Values&&... values) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: detector.virtual {} {}", from.file, from.dataset,
                                                     fmt::format(format, std::forward<Values>(values)...)));
}

/// Detectors as they lie in the file: `rows` [set x channel] over pixels.
struct StoredDetectors {
  VirtualDetectors rows;
  Index sets = 1;
  Index ny = 0, nx = 0;  ///< 0: not known
};

void check_weight(const DatasetRef& from, double weight, std::size_t at) {
  if (!std::isfinite(weight)) refuse(from, "has a weight that is no finite number, element {}", at);
}

StoredDetectors read_dense(const DatasetRef& from, const std::vector<Index>& shape) {
  const std::size_t rank = shape.size();
  StoredDetectors stored{.rows = {}, .sets = rank == 4 ? shape[0] : 1, .ny = shape[rank - 2], .nx = shape[rank - 1]};
  const std::vector<double> weights = read_real(from.file, from.dataset);
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
StoredDetectors read_labels(const DatasetRef& from, const std::vector<Index>& shape) {
  const std::vector<double> labels = read_real(from.file, from.dataset);
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

std::vector<Index> as_indices(const DatasetRef& from, const std::string& name) {
  std::vector<Index> indices;
  for (const double value : read_real(from.file, from.dataset + "/" + name)) {
    constexpr double most = 0x1p53;  // beyond, doubles are no longer every whole number
    if (!(value >= 0 && value <= most) || value != std::floor(value)) refuse(from, "has {} in its {}", value, name);
    indices.push_back(static_cast<Index>(value));
  }
  return indices;
}

/// As scipy's csr_matrix is kept in HDF5: indptr, indices, data, and shape as an attribute or a dataset.
StoredDetectors read_sparse(const DatasetRef& from) {
  std::vector<double> shape;
  if (const auto attribute = read_attribute(from.file, from.dataset, "shape"))
    shape = *attribute;
  else if (dataset_exists(from.file, from.dataset + "/shape"))
    shape = read_real(from.file, from.dataset + "/shape");
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
                 .weight = read_real(from.file, from.dataset + "/data")};
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

StoredDetectors read_stored(const DatasetRef& from) {
  if (!dataset_exists(from.file, from.dataset) && dataset_exists(from.file, from.dataset + "/indptr"))
    return read_sparse(from);
  const DatasetInfo info = dataset_info(from.file, from.dataset);
  const bool integers = info.type_name.find("int") != std::string::npos;
  if (info.shape.size() == 2 && integers) return read_labels(from, info.shape);
  if (info.shape.size() == 3 || info.shape.size() == 4) return read_dense(from, info.shape);
  refuse(from,
         "has shape ({}); it must be (channel, ky, kx) or (set, channel, ky, kx), integer labels (ky, kx), or a "
         "group with indptr, indices, data and shape",
         fmt::join(info.shape, ", "));
}

/// Whether data of this shape are channels; settles the detectors' axes by it.
bool are_channels(const RunOptions& options, const std::vector<Index>& shape, StoredDetectors& stored) {
  const DatasetRef& from = *options.detector.virtual_detectors;
  const Index channels = stored.rows.channels / stored.sets;
  const std::size_t rank = shape.size();
  const bool flat = stored.nx < 0;  // only the number of pixels is known
  const auto fits = [&] {
    if (rank < 3) return false;
    const Index ny = shape[rank - 2], nx = shape[rank - 1];
    return flat ? ny * nx == -stored.nx : ny == stored.ny && nx == stored.nx;
  };
  const bool patterns = (rank == 3 || rank == 4) && fits();
  const bool compressed = (rank == 2 || rank == 3) && shape.back() == channels;
  if (patterns && compressed)
    refuse(from,
           "does not tell whether data.patterns, ({}), are patterns or channels; store patterns as (Ry, Rx, ky, "
           "kx), or channels as (N, channel)",
           fmt::join(shape, ", "));
  if (!patterns && !compressed)
    refuse(from, "has {} channels of {}, but data.patterns {} has shape ({})", channels,
           flat ? fmt::format("{} pixels", -stored.nx) : fmt::format("{} x {} pixels", stored.ny, stored.nx),
           options.data.patterns, fmt::join(shape, ", "));
  if (compressed && flat)
    refuse(from,
           "does not tell how its {} pixels lie on the detector, and neither do channels; let `shape` be "
           "(channels, ky, kx)",
           -stored.nx);
  if (patterns) {
    stored.ny = shape[rank - 2];
    stored.nx = shape[rank - 1];
  }
  return compressed;
}

}  // namespace

std::vector<Index> RecordedChannels::sets_of(std::span<const Index> mine) const {
  std::vector<Index> sets_of_mine;
  if (!set_of.empty())
    for (const Index position : mine) sets_of_mine.push_back(set_of[position]);
  return sets_of_mine;
}

std::size_t RecordedChannels::bytes() const {
  std::size_t total = set_of.size() * sizeof(Index);
  if (sets)
    for (const VirtualDetectors& set : *sets) total += set.bytes();
  return total;
}

RecordedChannels read_channels(const RunOptions& options, const std::vector<Index>& data_shape) {
  const DatasetRef& from = *options.detector.virtual_detectors;
  StoredDetectors stored = read_stored(from);
  const VirtualDetectors& rows = stored.rows;
  if (rows.channels == 0 || stored.sets == 0) refuse(from, "holds no detector");
  RecordedChannels channels;
  channels.in_file = are_channels(options, data_shape, stored);
  channels.raw_ny = stored.ny;
  channels.raw_nx = stored.nx;
  if (channels.in_file && options.data.mask)
    throw InputError(ExitCode::run_file,
                     "data.mask names pixels, but data.patterns already are channels; give pixels that were not "
                     "counted the weight 0 in detector.virtual");
  std::vector<VirtualDetectors> sets;
  const Index count = rows.channels / stored.sets;
  for (Index s = 0; s < stored.sets; ++s) {
    const Index first = rows.start[s * count], last = rows.start[(s + 1) * count];
    VirtualDetectors set{.channels = count};
    for (Index i = 0; i <= count; ++i) set.start.push_back(rows.start[s * count + i] - first);
    set.pixel.assign(rows.pixel.begin() + first, rows.pixel.begin() + last);
    set.weight.assign(rows.weight.begin() + first, rows.weight.begin() + last);
    sets.push_back(std::move(set));
  }
  channels.sets = std::make_shared<const std::vector<VirtualDetectors>>(std::move(sets));
  return channels;
}

void read_sets_used(const RunOptions& options, const DataShape& data, std::span<const Index> pattern_index,
                    RecordedChannels& channels) {
  const auto sets = static_cast<Index>(channels.sets->size());
  if (!options.detector.virtual_set) {
    if (sets > 1)
      throw InputError(ExitCode::run_file,
                       fmt::format("detector.virtual holds {} sets; detector.virtual_set must name a dataset that "
                                   "says which one each position uses",
                                   sets));
    return;
  }
  const std::string& dataset = *options.detector.virtual_set;
  require_shape(options, data, "detector.virtual_set", dataset, data.per_position({}));
  const std::vector<double> values = read_real(options.data.file, dataset);
  for (const Index i : pattern_index) {
    if (!(values[i] >= 0 && values[i] < static_cast<double>(sets)) || values[i] != std::floor(values[i]))
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: detector.virtual_set {}[{}] is {}; it must be one of the sets 0 to {}",
                                   options.data.file, dataset, i, values[i], sets - 1));
    channels.set_of.push_back(static_cast<Index>(values[i]));
  }
}

void broadcast(const Comm& comm, RecordedChannels& channels) {
  Index sets = channels.sets ? static_cast<Index>(channels.sets->size()) : 0;
  comm.broadcast(sets);
  if (sets == 0) return;
  comm.broadcast(channels.raw_ny);
  comm.broadcast(channels.raw_nx);
  comm.broadcast(channels.in_file);
  comm.broadcast(channels.set_of);
  std::vector<VirtualDetectors> all(static_cast<std::size_t>(sets));
  if (comm.is_root()) all = *channels.sets;
  for (VirtualDetectors& set : all) {
    comm.broadcast(set.channels);
    comm.broadcast(set.start);
    comm.broadcast(set.pixel);
    comm.broadcast(set.weight);
  }
  channels.sets = std::make_shared<const std::vector<VirtualDetectors>>(std::move(all));
}

VirtualSets turned_detectors(const RunOptions& options, const RecordedChannels& channels, std::span<const Index> map,
                             std::span<const double> valid) {
  const DatasetRef& from = *options.detector.virtual_detectors;
  std::vector<Index> place(static_cast<std::size_t>(channels.raw_ny * channels.raw_nx), -1);  // of each raw pixel
  for (std::size_t k = 0; k < map.size(); ++k)
    if (map[k] >= 0 && valid[k] != 0) place[map[k]] = static_cast<Index>(k);
  std::vector<VirtualDetectors> turned;
  for (const VirtualDetectors& raw : *channels.sets) {
    VirtualDetectors set{.channels = raw.channels, .start = {0}};
    for (Index i = 0; i < raw.channels; ++i) {
      for (Index k = raw.start[i]; k < raw.start[i + 1]; ++k) {
        if (raw.weight[k] == 0) continue;
        const Index to = place[raw.pixel[k]];
        if (to < 0 && channels.in_file)
          refuse(from, "counts pixel ({}, {}) in channel {}, which detector.centre_px moves out of the window",
                 raw.pixel[k] / channels.raw_nx, raw.pixel[k] % channels.raw_nx, i);
        if (to < 0) continue;
        set.pixel.push_back(to);
        set.weight.push_back(raw.weight[k]);
      }
      set.start.push_back(static_cast<Index>(set.pixel.size()));
      if (set.start[i] == set.start[i + 1]) refuse(from, "counts no valid pixel in channel {}; leave it out", i);
    }
    turned.push_back(std::move(set));
  }
  auto sets = std::make_shared<const std::vector<VirtualDetectors>>(std::move(turned));
  if (options.loss.kind != LossKind::weighted && has_negative(sets))
    refuse(from, "has negative weights, for which only loss.kind: weighted is defined");
  return sets;
}

bool has_negative(const VirtualSets& sets) {
  return std::ranges::any_of(*sets, [](const VirtualDetectors& set) {
    return std::ranges::any_of(set.weight, [](double weight) { return weight < 0; });
  });
}

}  // namespace tessera
