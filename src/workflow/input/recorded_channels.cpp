#include "src/workflow/input/recorded_channels.hpp"

#include <algorithm>
#include <cmath>

#include "io/dataset.hpp"
#include "src/workflow/input/stored_detectors.hpp"

namespace tessera {

namespace {

/// An error about detector.virtual.
template <class... Values>
[[noreturn]] void refuse(const DatasetRef& from, fmt::format_string<Values...> format, Values&&... values) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: detector.virtual {} {}", from.file, from.dataset,
                                                     fmt::format(format, std::forward<Values>(values)...)));
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
  StoredDetectors stored = read_stored_detectors("detector.virtual", from);
  const VirtualDetectors& rows = stored.rows;
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
  require_shape(options, data, fmt::format("{}: detector.virtual_set {}", options.data.file, dataset),
                dataset_info(options.data.file, dataset).shape, data.per_position({}));
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
  for (VirtualDetectors& set : all) broadcast(comm, set);
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
