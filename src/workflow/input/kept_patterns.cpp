#include "src/workflow/input/kept_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tessera {

namespace {

void check_channels(std::span<const float> channels, bool may_be_negative, const RunOptions& options, Index pattern) {
  const auto bad = std::ranges::find_if(
      channels, [&](float value) { return !std::isfinite(value) || (value < 0 && !may_be_negative); });
  if (bad == channels.end()) return;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{}: {} position {}, channel {} is {}; it must be finite, and where no weight of "
                               "detector.virtual is negative, not negative either",
                               options.data.file, options.data.patterns, pattern, bad - channels.begin(), *bad));
}

void set_channels(Measurement& measurement, Index channels) {
  measurement.ny = 1;
  measurement.nx = channels;
  measurement.type = PixelType::float32;
  measurement.valid.assign(static_cast<std::size_t>(channels), 1.0);
}

}  // namespace

KeptPatterns::KeptPatterns(const RunOptions& options, const Experiment& experiment, std::span<const Index> mine,
                           std::span<const Index> map, std::span<const double> valid, Index pixels)
    : set_of_(experiment.channels.sets_of(mine)), pixels_(pixels) {
  if (experiment.channels.sets) sets_ = turned_detectors(options, experiment.channels, map, valid);
  if (options.loss.kind == LossKind::weighted) sum_.assign(static_cast<std::size_t>(pixels), 0.0);
}

Index KeptPatterns::bytes(PixelType type) const {
  return sets_ ? sets_->front().channels * static_cast<Index>(sizeof(float)) : pixels_ * bytes_of(type);
}

/// The sum over patterns is taken in the order in which they come: for floats its last digits depend on it.
std::span<const std::byte> KeptPatterns::keep(PixelType type, std::span<const std::byte> turned, Index slot) {
  if (!sets_ && sum_.empty()) return turned;
  with_pixel_type(type, [&](auto stored) {
    const auto* const values = reinterpret_cast<const decltype(stored)*>(turned.data());
    pattern_.assign(values, values + turned.size() / sizeof(stored));
  });
  for (std::size_t q = 0; q < sum_.size(); ++q) sum_[q] += pattern_[q];
  if (!sets_) return turned;
  const std::vector<double> channels = record((*sets_)[set_of_.empty() ? 0 : set_of_[slot]], pattern_);
  channels_.assign(channels.begin(), channels.end());
  return std::as_bytes(std::span(channels_));
}

void KeptPatterns::finish(const Comm& comm, Index patterns, LoadedPatterns& loaded) const {
  loaded.mean_pattern = sum_;
  if (!sum_.empty()) comm.sum(loaded.mean_pattern);
  const double scale = loaded.measurement.electrons_per_count / static_cast<double>(comm.sum(patterns));
  for (double& value : loaded.mean_pattern) value *= scale;
  loaded.detectors = sets_;
  if (sets_) set_channels(loaded.measurement, sets_->front().channels);
}

LoadedPatterns load_channels(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const std::vector<Index>& mine, DeviceKind device, const ReadCheck& check) {
  PatternReader reader(comm, experiment.source);
  const std::vector<Index> map = orientation_map(options.detector, experiment.raw_ny, experiment.raw_nx);
  LoadedPatterns loaded;
  Measurement& measurement = loaded.measurement;
  const Index channels = experiment.channels.count(), bytes = channels * static_cast<Index>(sizeof(float));
  set_channels(measurement, channels);
  measurement.electrons_per_count = 1 / options.data.counts_per_electron;
  comm.agree([&] {
    loaded.detectors = turned_detectors(options, experiment.channels, map, std::vector<double>(map.size(), 1.0));
    measurement.patterns = Array<std::byte>(device, static_cast<Index>(mine.size()) * bytes);
  });
  const bool may_be_negative = has_negative(loaded.detectors);
  std::vector<Index> wanted;  // [slot]
  wanted.reserve(mine.size());
  for (const Index position : mine) wanted.push_back(experiment.pattern_index[position]);
  std::vector<float> values(static_cast<std::size_t>(channels));
  const auto stored_bytes = static_cast<std::size_t>(channels * reader.bytes_per_pixel());
  const auto take = [&](std::span<const Index> slots, std::span<const std::byte> raw) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      with_pixel_type(pixel_type(reader.memory_type()), [&](auto zero) {
        const auto* const stored = reinterpret_cast<const decltype(zero)*>(raw.data() + i * stored_bytes);
        for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(stored[k]);
      });
      check_channels(values, may_be_negative, options, wanted[slots[i]]);
      measurement.patterns.upload(std::as_bytes(std::span(values)), slots[i] * bytes);
    }
  };
  reader.read(wanted, take, check);
  loaded.read_cost = reader.cost();
  loaded.peak_bytes = measurement.patterns.bytes() + reader.held_bytes() + mine.size() * sizeof(Index);
  return loaded;
}

}  // namespace tessera
