#include "src/workflow/input/valid_pixels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/workflow/input/beside_patterns.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/pattern_sample.hpp"

namespace tessera {

namespace {

/// As the file's format means it.
bool is_good(const FoundMask& found, double value) {
  if (!found.zero_is_good) return value != 0;
  constexpr double most = 0x1p63;
  return value == 0 || (value > 0 && value < most && (static_cast<std::uint64_t>(value) & ~found.ignored) == 0);
}

/// [y, x] of ny x nx from [x, y].
std::vector<double> transpose(const std::vector<double>& values, Index ny, Index nx) {
  std::vector<double> turned;
  turned.reserve(values.size());
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x) turned.push_back(values[x * ny + y]);
  return turned;
}

/// Whole numbers may hold anything that is not zero (flags of a detector), floats and booleans only 0 and 1.
std::vector<double> read_mask(const RunOptions& options, const Experiment& experiment,
                              std::vector<std::string>& warnings) {
  const std::string& dataset = *options.data.mask;
  const std::string& own = experiment.source.parts[0].file;
  const std::string& file = options.data.mask_file.empty() ? own : options.data.mask_file;
  const std::string name = fmt::format("{}: data.mask {}", file, dataset);
  const BesideArray array = look_beside(file, dataset);
  // In a file that keeps frames as (kx, ky), a mask lies so, too.
  const bool transposed = experiment.source.transposed && file == own && array.shape.size() == 2;
  std::vector<Index> shape = array.shape;
  if (transposed) std::swap(shape[0], shape[1]);
  require_shape(options, experiment.shape, name, shape, {experiment.shape.pattern});
  std::vector<double> mask = read_beside(array);
  if (transposed) mask = transpose(mask, shape[0], shape[1]);
  const std::optional<FoundMask>& found = experiment.facts.mask;
  const bool as_found = found && found->file == file && found->dataset == dataset;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (as_found) mask[i] = is_good(*found, mask[i]) ? 1 : 0;
    if (!array.whole && mask[i] != 0 && mask[i] != 1)
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("{} is {} at ({}, {}); a mask of floats holds 1 where the detector is valid, 0 elsewhere", name,
                      mask[i], static_cast<Index>(i) / experiment.raw_nx, static_cast<Index>(i) % experiment.raw_nx));
    mask[i] = mask[i] != 0 ? 1 : 0;
  }
  const double excluded = static_cast<double>(std::ranges::count(mask, 0.0)) / static_cast<double>(mask.size());
  if (excluded == 1) throw InputError(ExitCode::data_wrong, name + " excludes every pixel; non-zero is valid");
  if (excluded > 0.5)
    warnings.push_back(
        fmt::format("{} excludes {:.0f} % of the detector; non-zero is valid, so that masks in which 0 is "
                    "good must be inverted",
                    name, 100 * excluded));
  return mask;
}

/// Pixels at the edges.
void exclude_border(const RunOptions& options, const Experiment& experiment, std::vector<double>& valid) {
  const Index border = options.data.border_px, ny = experiment.raw_ny, nx = experiment.raw_nx;
  if (border == 0) return;
  if (2 * border >= std::min(ny, nx))
    throw InputError(
        ExitCode::run_file,
        fmt::format("data.border_px is {}, which leaves nothing of a pattern of {} x {} pixels", border, ny, nx));
  for (Index y = 0; y < ny; ++y)
    for (Index x = 0; x < nx; ++x)
      if (std::min({y, x, ny - 1 - y, nx - 1 - x}) < border) valid[y * nx + x] = 0;
}

/// Pixels that hold `full` in each of the patterns and are not masked.
std::vector<Index> always_full(std::span<const double> patterns, std::span<const double> mask, double full) {
  std::vector<Index> found;
  for (std::size_t pixel = 0; pixel < mask.size() && full > 0; ++pixel) {
    bool always = mask[pixel] != 0;
    for (std::size_t i = pixel; i < patterns.size() && always; i += mask.size()) always = patterns[i] == full;
    if (always) found.push_back(static_cast<Index>(pixel));
  }
  return found;
}

void look_at_counts(const RunOptions& options, const Experiment& experiment, RawPixels& pixels) {
  const StoredType type = experiment.source.layout.info.type;
  const PatternSample looked = read_sample(experiment.source, experiment.pattern_index);
  const std::vector<double>& sample = looked.values;
  if (sample.empty()) return;
  pixels.looked_at = experiment.pattern_index.front();
  pixels.full = always_full(sample, pixels.valid, full_value(type));
  for (const Index pixel : pixels.full) pixels.valid[static_cast<std::size_t>(pixel)] = 0;
  const std::string name = patterns_name(options.data);
  if (!pixels.full.empty())
    pixels.warnings.push_back(fmt::format(
        "{}: {} pixels hold {:.0f}, the largest {}, in every pattern: they count as bad and are left out, as if "
        "data.mask excluded them",
        name, pixels.full.size(), full_value(type), type == StoredType::u16 ? "uint16" : "uint32"));
  for (const std::string& doubt : doubtful_counts(sample, pixels.valid, options.data.counts_per_electron))
    pixels.warnings.push_back(fmt::format("{}: {}", name, doubt));
  pixels.facts = pattern_facts(looked, pixels.valid, options.data.counts_per_electron);
}

/// Whether numbers that are not whole become so by `inverse`, nearly all of them. Only small ones tell: of large ones
/// the inverse is too coarse.
template <class Inverse>
bool whole_after(std::span<const double> values, const Inverse& inverse) {
  constexpr double largest = 500, near = 2e-3, rounding = 1e-5;  // of floats that were squared when they were read
  constexpr int enough = 20;
  int asked = 0, whole = 0;
  for (const double value : values) {
    const double counts = inverse(value);
    if (std::abs(value - std::round(value)) <= rounding * value || counts < 0.5 || !(counts <= largest)) continue;
    ++asked;
    whole += std::abs(counts - std::round(counts)) < near ? 1 : 0;
  }
  return asked >= enough && whole >= 0.99 * asked;
}

}  // namespace

double full_value(StoredType type) {
  if (type == StoredType::u16) return std::numeric_limits<std::uint16_t>::max();
  if (type == StoredType::u32) return std::numeric_limits<std::uint32_t>::max();
  return 0;
}

std::vector<std::string> doubtful_counts(std::span<const double> patterns, std::span<const double> valid,
                                         double counts_per_electron) {
  std::vector<double> values;
  double largest = 0;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (valid[i % valid.size()] == 0 || !std::isfinite(patterns[i])) continue;
    values.push_back(patterns[i]);
    largest = std::max(largest, patterns[i]);
  }
  std::vector<std::string> doubts;
  if (largest > 0 && largest < 0.5 * counts_per_electron)
    doubts.push_back(
        fmt::format("no pixel counts a whole electron, the largest of some patterns is {:.3g} electrons: are "
                    "they normalised? data.counts_per_electron says what one electron counts",
                    largest / counts_per_electron));
  if (whole_after(values, [](double value) { return value * value; }))
    doubts.emplace_back("the values are square roots of whole numbers; counts are wanted, so square them");
  else if (whole_after(values, [](double value) { return std::expm1(value); }))
    doubts.emplace_back(
        "the values are logarithms of whole numbers (log(1 + n)); counts are wanted, so undo the logarithm");
  return doubts;
}

RawPixels raw_pixels(const Comm& comm, const RunOptions& options, const Experiment& experiment) {
  RawPixels pixels;
  if (experiment.channels.in_file) return pixels;
  std::string warnings;
  comm.agree([&] {
    if (!comm.is_root()) return;
    pixels.valid.assign(static_cast<std::size_t>(experiment.raw_ny * experiment.raw_nx), 1.0);
    if (options.data.mask) pixels.valid = read_mask(options, experiment, pixels.warnings);
    exclude_border(options, experiment, pixels.valid);
    look_at_counts(options, experiment, pixels);
    for (const std::string& warning : pixels.warnings) warnings += warning + '\n';
  });
  comm.broadcast(pixels.valid);
  comm.broadcast(pixels.full);
  comm.broadcast(pixels.looked_at);
  comm.broadcast(warnings);
  pixels.warnings.clear();
  for (std::size_t begin = 0; begin < warnings.size(); begin = warnings.find('\n', begin) + 1)
    pixels.warnings.push_back(warnings.substr(begin, warnings.find('\n', begin) - begin));
  return pixels;
}

}  // namespace tessera
