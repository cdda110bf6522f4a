#include "src/workflow/input/load_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "io/read_patterns.hpp"
#include "src/arrays/stage.hpp"
#include "src/workflow/input/bin_patterns.hpp"
#include "src/workflow/input/kept_patterns.hpp"
#include "src/workflow/input/turner.hpp"

namespace tessera {

namespace {

/// How a pattern as it is stored is summed.
std::pair<DetectorAxis, DetectorAxis> stored_axes(const Experiment& experiment, Index bin) {
  return {detector_axis(experiment.pixels_ny, experiment.pixels_ny, bin),
          detector_axis(experiment.pixels_nx, experiment.pixels_nx, bin)};
}

/// 1 where the detector reaches, a raw pixel is valid and a sum takes it, [y, x] in FFT order.
std::vector<double> valid_pixels(const RunOptions& options, const Experiment& experiment, const std::vector<Index>& map,
                                 const RawPixels& pixels) {
  std::vector<double> valid;
  valid.reserve(map.size());
  for (const Index raw : map) valid.push_back(raw >= 0 && pixels.valid[raw] != 0 ? 1.0 : 0.0);
  if (options.detector.bin == 1) return valid;
  const auto [rows, columns] = stored_axes(experiment, options.detector.bin);
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (rows.target[i / columns.target.size()] < 0 || columns.target[i % columns.target.size()] < 0) valid[i] = 0;
  return valid;
}

/// Turned patterns as they are kept: as they are, or summed.
class Summer {
 public:
  Summer(const Experiment& experiment, Index bin, PixelType type)
      : bin_(bin),
        axes_(stored_axes(experiment, bin)),
        from_(type),
        sums_(bin == 1 ? 0 : static_cast<std::size_t>(ny() * nx() * bytes_of(this->type()))) {}

  Index ny() const { return axes_.first.length; }
  Index nx() const { return axes_.second.length; }
  PixelType type() const { return bin_ == 1 ? from_ : summed_type(from_); }
  std::size_t bytes() const { return sums_.size(); }
  /// A sum is valid where any of its pixels is.
  std::vector<double> valid(const std::vector<double>& pixels) const {
    if (bin_ == 1) return pixels;
    const auto& [rows, columns] = axes_;
    std::vector<double> any(static_cast<std::size_t>(ny() * nx()), 0.0);
    for (std::size_t i = 0; i < pixels.size(); ++i)
      if (pixels[i] != 0)
        any[rows.target[i / columns.target.size()] * nx() + columns.target[i % columns.target.size()]] = 1;
    return any;
  }
  std::span<const std::byte> sum(std::span<const std::byte> turned) {
    if (bin_ == 1) return turned;
    sum_pattern(axes_.first, axes_.second, from_, turned, sums_);
    return sums_;
  }

 private:
  Index bin_;
  std::pair<DetectorAxis, DetectorAxis> axes_;
  PixelType from_;
  std::vector<std::byte> sums_;
};

/// Places in the dataset of this rank's positions.
std::vector<Index> patterns_of(const Experiment& experiment, const std::vector<Index>& mine) {
  std::vector<Index> patterns;
  patterns.reserve(mine.size());
  for (const Index position : mine) patterns.push_back(experiment.pattern_index[position]);
  return patterns;
}

/// InputError where there is no light at all. One pattern without noise may be normalised to a little less than one
/// electron; below a hundredth of one there is nothing to fit, and single precision ends.
void require_electrons(const std::string& name, double electrons) {
  constexpr double least = 0.01;
  if (electrons <= 0)
    throw InputError(ExitCode::data_wrong, name + " holds no counts at all in its valid pixels", true);
  if (electrons < least)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{} holds {:.3g} electrons in all patterns together, less than one electron; check "
                                 "data.counts_per_electron",
                                 name, electrons),
                     true);
}

}  // namespace

PixelType pixel_type(StoredType type) {
  switch (type) {
    case StoredType::u8:
      return PixelType::uint8;
    case StoredType::u16:
      return PixelType::uint16;
    case StoredType::u32:
      return PixelType::uint32;
    default:
      return PixelType::float32;
  }
}

LoadedPatterns load_patterns(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const RawPixels& pixels, const std::vector<Index>& mine, DeviceKind device,
                             const ReadCheck& check) {
  const Stage stage("read");
  if (experiment.channels.in_file) return load_channels(comm, options, experiment, mine, device, check);
  PatternReader reader(comm, experiment.source);
  const std::vector<Index> map = orientation_map(options.detector, experiment.raw_ny, experiment.raw_nx);
  const Turner turner(experiment, pixels, map, valid_pixels(options, experiment, map, pixels));
  LoadedPatterns loaded;
  loaded.warnings = pixels.warnings;
  Measurement& measurement = loaded.measurement;
  const PixelType stored = pixel_type(reader.memory_type());
  Summer summer(experiment, options.detector.bin, stored);
  measurement.ny = summer.ny();
  measurement.nx = summer.nx();
  measurement.type = summer.type();
  measurement.electrons_per_count = 1 / options.data.counts_per_electron;
  measurement.valid = summer.valid(turner.valid());
  if (options.detector.bin > 1) loaded.live = turner.valid();
  const std::vector<Index> wanted = patterns_of(experiment, mine);  // [slot]
  std::vector<double> counts(mine.size(), 0.0);  // [slot]: patterns come in any order, their sum is taken in this one
  std::vector<std::byte> turned(map.size() * static_cast<std::size_t>(reader.bytes_per_pixel()));
  std::optional<KeptPatterns> kept;
  comm.agree([&] {
    kept.emplace(options, experiment, mine, map, turner.valid(), summer.ny() * summer.nx());
    measurement.patterns = Array<std::byte>(device, static_cast<Index>(mine.size()) * kept->bytes(measurement.type));
  });
  const auto take = [&](std::span<const Index> slots, std::span<const std::byte> raw) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Index slot = slots[i];
      counts[slot] = turner.turn(stored, raw.data() + i * turned.size(), turned.data(), mine[slot]);
      measurement.patterns.upload(kept->keep(measurement.type, summer.sum(turned), slot),
                                  slot * kept->bytes(measurement.type));
    }
  };
  reader.read(wanted, take, check);
  kept->finish(comm, static_cast<Index>(mine.size()), loaded);
  loaded.read_cost = reader.cost();
  loaded.peak_bytes = measurement.patterns.bytes() + reader.held_bytes() + turned.size() + summer.bytes() +
                      mine.size() * (sizeof(Index) + sizeof(double));
  const double electrons =
      comm.sum(std::accumulate(counts.begin(), counts.end(), 0.0)) * measurement.electrons_per_count;
  require_electrons(experiment.source.name, electrons);
  loaded.mean_electrons = electrons / static_cast<double>(comm.sum(static_cast<Index>(mine.size())));
  return loaded;
}

LoadForecast forecast_load(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                           const std::vector<Index>& mine) {
  const PatternReader reader(comm, experiment.source);
  Index kept = experiment.channels.count() * static_cast<Index>(sizeof(float));
  if (!experiment.channels.sets) {
    const Summer summer(experiment, options.detector.bin, pixel_type(reader.memory_type()));
    kept = summer.ny() * summer.nx() * bytes_of(summer.type());
  }
  return {static_cast<double>(kept), static_cast<double>(reader.foretell_bytes(patterns_of(experiment, mine)))};
}

DetectorSetup detector_setup(const Experiment& experiment, const std::vector<double>& live) {
  DetectorSetup setup{.rows = experiment.rows, .columns = experiment.columns, .live = {}, .virtual_detectors = {}};
  if (live.empty()) return setup;
  const Grid& window = experiment.window;
  const Index ny = experiment.pixels_ny, nx = experiment.pixels_nx;
  const DetectorAxis rows = detector_axis(window.ny, ny, 1), columns = detector_axis(window.nx, nx, 1);
  for (Index y = 0; y < window.ny; ++y)
    for (Index x = 0; x < window.nx; ++x) {
      const Index row = rows.target[y], column = columns.target[x];
      setup.live.push_back(row < 0 || column < 0 ? 0 : live[row * nx + column]);
    }
  return setup;
}

std::optional<std::string> read_warning(const ReadCost& cost, const std::string& dataset) {
  if (cost.amplification() <= 1.5) return std::nullopt;
  const std::string fact =
      fmt::format("{:.1f} times the bytes of the patterns used were decompressed", cost.amplification());
  if (cost.read > 1.5 * cost.once)
    return fmt::format(
        "{}: a chunk of {} holds a part of the detector for so many positions that all its like do not "
        "fit the memory set aside, and was read {:.1f} times; chunks of whole patterns are read once",
        fact, dataset, cost.read / cost.once);
  return fmt::format(
      "{}: the chunks of {} also hold patterns that are not used, or reach beyond the data; each was "
      "read once",
      fact, dataset);
}

}  // namespace tessera
