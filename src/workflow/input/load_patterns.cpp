#include "src/workflow/input/load_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "io/dataset.hpp"
#include "io/read_patterns.hpp"

namespace tessera {

namespace {

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

/// Turns raw patterns into FFT order and checks their counts.
class Turner {
 public:
  Turner(const RunOptions& options, const Experiment& experiment, std::vector<Index> map, std::vector<double> valid)
      : options_(options), experiment_(experiment), map_(std::move(map)), valid_(std::move(valid)) {}

  const std::vector<double>& valid() const { return valid_; }
  double counts() const { return counts_; }

  template <class Stored>
  void turn(const Stored* raw, Stored* turned, Index position) {
    for (std::size_t k = 0; k < map_.size(); ++k) {
      if (valid_[k] == 0) {
        turned[k] = 0;
        continue;
      }
      const Stored count = raw[map_[k]];
      if (!(static_cast<double>(count) >= 0) || !std::isfinite(static_cast<double>(count)))
        reject(position, map_[k], count);
      turned[k] = count;
      counts_ += static_cast<double>(count);
    }
  }

 private:
  template <class Stored>
  [[noreturn]] void reject(Index position, Index pixel, Stored count) const {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} pattern {}, pixel ({}, {}) is {}; counts must be finite and not negative "
                                 "(subtract less background, or exclude the pixel with data.mask)",
                                 options_.data.file, options_.data.patterns, experiment_.pattern_index[position],
                                 pixel / experiment_.raw_nx, pixel % experiment_.raw_nx, count));
  }

  const RunOptions& options_;
  const Experiment& experiment_;
  std::vector<Index> map_;
  std::vector<double> valid_;
  double counts_ = 0;
};

/// 1 where the detector reaches and the mask (any non-zero value) allows, [y, x] in FFT order.
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
  return valid;
}

void turn_block(Turner& turner, PixelType type, const std::byte* raw, std::byte* turned, Index position) {
  const auto as = [&](auto stored) {
    using Stored = decltype(stored);
    turner.turn(reinterpret_cast<const Stored*>(raw), reinterpret_cast<Stored*>(turned), position);
  };
  switch (type) {
    case PixelType::uint8:
      return as(std::uint8_t{});
    case PixelType::uint16:
      return as(std::uint16_t{});
    case PixelType::uint32:
      return as(std::uint32_t{});
    case PixelType::float32:
      return as(float{});
  }
}

}  // namespace

LoadedPatterns load_patterns(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const std::vector<Index>& mine, DeviceKind device) {
  constexpr Index slab_bytes = Index{64} << 20;  // what is held twice while patterns are turned
  PatternReader reader(comm, options.data.file, options.data.patterns);
  const std::vector<Index> map = orientation_map(options.detector, experiment.raw_ny, experiment.raw_nx);
  Turner turner(options, experiment, map, valid_pixels(comm, options, experiment, map));
  LoadedPatterns loaded;
  Measurement& measurement = loaded.measurement;
  measurement.ny = experiment.window.ny;
  measurement.nx = experiment.window.nx;
  measurement.type = pixel_type(reader.memory_type());
  measurement.electrons_per_count = 1 / options.data.counts_per_electron;
  measurement.valid = turner.valid();
  const Index bytes = experiment.window.count() * reader.bytes_per_pixel();
  const Index count = static_cast<Index>(mine.size()), slab = std::max<Index>(1, slab_bytes / bytes);
  comm.agree([&] { measurement.patterns = Array<std::byte>(device, count * bytes); });
  const Index rounds = comm.max((count + slab - 1) / slab);
  for (Index round = 0; round < rounds; ++round) {
    const Index first = std::min(count, round * slab), last = std::min(count, first + slab);
    std::vector<Index> wanted;
    for (Index i = first; i < last; ++i) wanted.push_back(experiment.pattern_index[mine[i]]);
    std::vector<std::byte> raw(static_cast<std::size_t>((last - first) * bytes)), turned(raw.size());
    reader.read(wanted, raw);
    comm.agree([&] {
      for (Index i = first; i < last; ++i)
        turn_block(turner, measurement.type, raw.data() + (i - first) * bytes, turned.data() + (i - first) * bytes,
                   mine[i]);
    });
    measurement.patterns.upload(turned, first * bytes);
  }
  loaded.read_amplification = reader.read_amplification();
  loaded.mean_electrons =
      comm.sum(turner.counts()) * measurement.electrons_per_count / static_cast<double>(experiment.positions_A.size());
  if (loaded.mean_electrons <= 0)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{}: {} holds no counts at all in its valid pixels", options.data.file, options.data.patterns),
        true);
  return loaded;
}

}  // namespace tessera
