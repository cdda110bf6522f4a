#include "src/workflow/input/load_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "io/dataset.hpp"
#include "io/read_patterns.hpp"
#include "src/workflow/input/bin_patterns.hpp"
#include "src/workflow/input/kept_patterns.hpp"

namespace tessera {

namespace {

/// Pixels of a turned pattern that come from raw pixels at equal distances.
struct PixelRun {
  Index to, from, length, step;
};

/// The valid pixels in the order of the turned pattern, as few runs as a greedy search finds.
std::vector<PixelRun> pixel_runs(const std::vector<Index>& map, const std::vector<double>& valid) {
  std::vector<PixelRun> runs;
  for (Index k = 0; k < static_cast<Index>(map.size()); ++k) {
    if (valid[k] == 0) continue;
    if (!runs.empty() && runs.back().to + runs.back().length == k) {
      PixelRun& run = runs.back();
      if (run.length == 1) run.step = map[k] - run.from;
      if (map[k] == run.from + run.step * run.length) {
        ++run.length;
        continue;
      }
    }
    runs.push_back({k, map[k], 1, 1});
  }
  return runs;
}

/// Sum of a pattern's counts, exact for integers; nothing when one is negative or not finite.
template <class Stored>
std::optional<double> sum_of_counts(const Stored* counts, Index n) {
  if constexpr (std::is_integral_v<Stored>) {
    using Part = std::conditional_t<sizeof(Stored) < 4, std::uint32_t, std::uint64_t>;  // the smaller, the faster
    constexpr Index part = 4096;
    std::uint64_t sum = 0;
    for (Index first = 0; first < n; first += part) {
      Part few = 0;
      for (Index i = first; i < std::min(n, first + part); ++i) few += counts[i];
      sum += few;
    }
    return static_cast<double>(sum);
  } else {
    constexpr Index lanes = 8;
    double sums[lanes] = {};
    bool good = true;
    for (Index i = 0; i < n; ++i) good &= counts[i] >= 0 && counts[i] <= std::numeric_limits<Stored>::max();
    if (!good) return std::nullopt;
    for (Index i = 0; i < n / lanes * lanes; i += lanes)
      for (Index lane = 0; lane < lanes; ++lane) sums[lane] += static_cast<double>(counts[i + lane]);
    for (Index i = n / lanes * lanes; i < n; ++i) sums[i % lanes] += static_cast<double>(counts[i]);
    return std::accumulate(sums, sums + lanes, 0.0);
  }
}

/// Turns raw patterns into FFT order and checks their counts.
class Turner {
 public:
  Turner(const RunOptions& options, const Experiment& experiment, std::vector<Index> map, std::vector<double> valid)
      : options_(options),
        experiment_(experiment),
        map_(std::move(map)),
        valid_(std::move(valid)),
        runs_(pixel_runs(map_, valid_)) {}

  const std::vector<double>& valid() const { return valid_; }

  /// Fills the valid pixels of `turned` and returns the sum of their counts; the others must be zero.
  template <class Stored>
  double turn(const Stored* raw, Stored* turned, Index position) const {
    for (const PixelRun& run : runs_) {
      if (run.step == 1)
        std::memcpy(turned + run.to, raw + run.from, static_cast<std::size_t>(run.length) * sizeof(Stored));
      else
        for (Index i = 0; i < run.length; ++i) turned[run.to + i] = raw[run.from + i * run.step];
    }
    const std::optional<double> sum = sum_of_counts(turned, static_cast<Index>(map_.size()));
    if (!sum) reject(turned, position);
    return *sum;
  }

 private:
  template <class Stored>
  [[noreturn]] void reject(const Stored* turned, Index position) const {
    Index k = 0;
    while (turned[k] >= 0 && std::isfinite(static_cast<double>(turned[k]))) ++k;
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} pattern {}, pixel ({}, {}) is {}; counts must be finite and not negative "
                                 "(subtract less background, or exclude the pixel with data.mask)",
                                 options_.data.file, options_.data.patterns, experiment_.pattern_index[position],
                                 map_[k] / experiment_.raw_nx, map_[k] % experiment_.raw_nx, turned[k]));
  }

  const RunOptions& options_;
  const Experiment& experiment_;
  std::vector<Index> map_;
  std::vector<double> valid_;
  std::vector<PixelRun> runs_;
};

/// How a pattern as it is stored is summed.
std::pair<DetectorAxis, DetectorAxis> stored_axes(const Experiment& experiment, Index bin) {
  return {detector_axis(experiment.pixels_ny, experiment.pixels_ny, bin),
          detector_axis(experiment.pixels_nx, experiment.pixels_nx, bin)};
}

/// 1 where the detector reaches, the mask (any non-zero value) allows and a sum takes it, [y, x] in FFT order.
std::vector<double> valid_pixels(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                                 const std::vector<Index>& map) {
  std::vector<double> mask(static_cast<std::size_t>(experiment.raw_ny * experiment.raw_nx), 1.0);
  comm.agree([&] {
    if (!comm.is_root() || !options.data.mask) return;
    const std::vector<double> read = read_real(options.data.file, *options.data.mask);
    if (read.size() != mask.size())
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: data.mask {} holds {} pixels, but a pattern has {} x {}", options.data.file,
                                   *options.data.mask, read.size(), experiment.raw_ny, experiment.raw_nx));
    mask = read;
  });
  comm.broadcast(mask);
  std::vector<double> valid;
  valid.reserve(map.size());
  for (const Index raw : map) valid.push_back(raw >= 0 && mask[raw] != 0 ? 1.0 : 0.0);
  if (options.detector.bin == 1) return valid;
  const auto [rows, columns] = stored_axes(experiment, options.detector.bin);
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (rows.target[i / columns.target.size()] < 0 || columns.target[i % columns.target.size()] < 0) valid[i] = 0;
  return valid;
}

double turn_pattern(const Turner& turner, PixelType type, const std::byte* raw, std::byte* turned, Index position) {
  return with_pixel_type(type, [&](auto stored) {
    using Stored = decltype(stored);
    return turner.turn(reinterpret_cast<const Stored*>(raw), reinterpret_cast<Stored*>(turned), position);
  });
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
                             const std::vector<Index>& mine, DeviceKind device) {
  if (experiment.channels.in_file) return load_channels(comm, options, experiment, mine, device);
  PatternReader reader(comm, options.data.file, options.data.patterns);
  const std::vector<Index> map = orientation_map(options.detector, experiment.raw_ny, experiment.raw_nx);
  const Turner turner(options, experiment, map, valid_pixels(comm, options, experiment, map));
  LoadedPatterns loaded;
  Measurement& measurement = loaded.measurement;
  const PixelType stored = pixel_type(reader.memory_type());
  Summer summer(experiment, options.detector.bin, stored);
  measurement.ny = summer.ny();
  measurement.nx = summer.nx();
  measurement.type = summer.type();
  measurement.electrons_per_count = 1 / options.data.counts_per_electron;
  measurement.valid = summer.valid(turner.valid());
  if (options.detector.bin > 1) loaded.live = turner.valid();
  std::vector<Index> wanted;  // [slot]
  wanted.reserve(mine.size());
  for (const Index position : mine) wanted.push_back(experiment.pattern_index[position]);
  std::vector<double> counts(mine.size(), 0.0);  // [slot]: patterns come in any order, their sum is taken in this one
  std::vector<std::byte> turned(map.size() * static_cast<std::size_t>(reader.bytes_per_pixel()));
  std::optional<KeptPatterns> kept;
  comm.agree([&] {
    kept.emplace(options, experiment, mine, map, turner.valid(), summer.ny() * summer.nx());
    measurement.patterns = Array<std::byte>(device, static_cast<Index>(mine.size()) * kept->bytes(measurement.type));
  });
  reader.read(wanted, [&](std::span<const Index> slots, std::span<const std::byte> raw) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Index slot = slots[i];
      counts[slot] = turn_pattern(turner, stored, raw.data() + i * turned.size(), turned.data(), mine[slot]);
      measurement.patterns.upload(kept->keep(measurement.type, summer.sum(turned), slot),
                                  slot * kept->bytes(measurement.type));
    }
  });
  kept->finish(comm, experiment, loaded);
  loaded.read_cost = reader.cost();
  loaded.peak_bytes = measurement.patterns.bytes() + reader.held_bytes() + turned.size() + summer.bytes() +
                      mine.size() * (sizeof(Index) + sizeof(double));
  loaded.mean_electrons = comm.sum(std::accumulate(counts.begin(), counts.end(), 0.0)) *
                          measurement.electrons_per_count / static_cast<double>(experiment.positions_A.size());
  if (loaded.mean_electrons <= 0)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} holds no counts at all in its valid pixels", options.data.file, options.data.patterns),
        true);
  return loaded;
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
