#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/event_lists.hpp"
#include "io/pictures.hpp"
#include "src/base/memory_need.hpp"
#include "src/workflow/preprocess/compress.hpp"
#include "src/workflow/preprocess/dose.hpp"
#include "src/workflow/preprocess/principal.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

namespace {

/// Means of values and of squares on the pixels that are written, in the values that are written.
struct WrittenMeans {
  std::vector<double> mean, square;
};

WrittenMeans written_means(const PatternStatistics& statistics, const Correction& correction,
                           const PatternChain& chain) {
  const double unit = correction.counts_of_electron > 0 ? correction.counts_of_electron : 1;
  std::vector<double> mean = statistics.mean, square;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    square.push_back((statistics.variance[i] + mean[i] * mean[i]) / (unit * unit));
    mean[i] /= unit;
  }
  return {chain.of_mean(mean), chain.of_mean(square)};
}

/// One over the noise of a pixel: the root of its mean, with a hundredth of the mean of all so that dark ones do not
/// take over.
std::vector<double> noise_scale(std::span<const double> mean, std::span<const double> valid) {
  double all = 0, pixels = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    all += valid[i] * std::max(0.0, mean[i]);
    pixels += valid[i];
  }
  const double floor = 0.01 * all / std::max(1.0, pixels);
  std::vector<double> scale;
  for (std::size_t i = 0; i < mean.size(); ++i)
    scale.push_back(valid[i] != 0 && all > 0 ? 1 / std::sqrt(std::max(0.0, mean[i]) + floor) : 0);
  return scale;
}

VirtualDetectors principal_sums(const StepPlace& place, const WrittenMeans& means, PatternChain& chain) {
  const std::vector<double> scale = noise_scale(means.mean, chain.valid());
  std::vector<double> square;
  for (std::size_t i = 0; i < scale.size(); ++i) square.push_back(means.square[i] * scale[i] * scale[i]);
  const EachPattern each = [&](const std::function<void(std::span<const double>)>& use) {
    stream_patterns(place.comm, place.reader, place.input, place.plan,
                    {.begin = {},
                     .use = [&](Index position, const std::byte* raw) { use(chain.apply(position, raw)); },
                     .done = {}});
  };
  const Index channels = place.options.preprocess.compress.channels;
  const PrincipalBasis basis = principal_basis(
      place.comm, each, scale, square, static_cast<double>(place.input.count()), channels, place.options.run.seed);
  const double kept = std::accumulate(basis.values.begin(), basis.values.end(), 0.0) / basis.total;
  place.log.step("pca",
                 fmt::format("{} components hold {:.4f} of the mean square of the patterns in units of their noise",
                             channels, kept),
                 {{"channels", channels}, {"kept", kept}, {"values", basis.values}}, [basis](const std::string& path) {
                   write_curve_picture(path, {{"mean square of a component", {{"", basis.values}}}}, "component");
                 });
  return from_dense(basis.weights, channels);
}

/// What each pixel counts for: its channel, or the sum of its absolute weights.
std::vector<double> weight_map(const VirtualDetectors& sums, SumsLayout layout, Index pixels) {
  std::vector<double> map(static_cast<std::size_t>(pixels), 0.0);
  for (Index channel = 0; channel < sums.channels; ++channel)
    for (Index k = sums.start[channel]; k < sums.start[channel + 1]; ++k) {
      double& value = map[static_cast<std::size_t>(sums.pixel[k])];
      // Neighbouring labels get values far apart, so that they can be told.
      value =
          layout == SumsLayout::labels ? static_cast<double>(channel * 7 % 16 + 1) : value + std::abs(sums.weight[k]);
    }
  return map;
}

VirtualDetectors chosen_sums(const StepPlace& place, const WrittenMeans& means, PatternChain& chain) {
  const CompressOptions& compress = place.options.preprocess.compress;
  const std::vector<double>& valid = chain.valid();
  switch (compress.kind) {
    case CompressionKind::bin:
      return block_sums(valid, chain.ny(), chain.nx(), compress.bin);
    case CompressionKind::segments:
      return segment_sums(valid, chain.ny(), chain.nx(), compress.rings_px, compress.azimuths);
    case CompressionKind::smooth:
      return smooth_sums(means.mean, valid, chain.ny(), chain.nx(), compress.channels);
    case CompressionKind::random:
      return random_sums(valid, compress.channels, place.options.run.seed);
    case CompressionKind::given:
      return valid_part(
          place.input.given_sums, valid,
          fmt::format("{}: preprocess.compress.detectors {}", compress.detectors->file, compress.detectors->dataset));
    default:
      return principal_sums(place, means, chain);
  }
}

}  // namespace

std::optional<VirtualDetectors> find_sums(const StepPlace& place, const PatternStatistics& statistics,
                                          const Correction& correction, PatternChain& chain) {
  const CompressOptions& compress = place.options.preprocess.compress;
  if (compress.kind == CompressionKind::none || compress.kind == CompressionKind::events) return std::nullopt;
  const auto live = static_cast<Index>(std::ranges::count(chain.valid(), 1.0));
  const bool chosen_number = compress.kind == CompressionKind::smooth || compress.kind == CompressionKind::random ||
                             compress.kind == CompressionKind::pca;
  if (chosen_number && compress.channels > live)
    throw InputError(ExitCode::run_file,
                     fmt::format("preprocess.compress.channels is {}, more than the {} valid pixels of a pattern",
                                 compress.channels, live),
                     true);
  WrittenMeans means;
  if (!statistics.mean.empty()) means = written_means(statistics, correction, chain);
  VirtualDetectors sums = chosen_sums(place, means, chain);
  if (sums.channels == 0)
    throw InputError(ExitCode::run_file,
                     "preprocess.compress leaves no channel that holds a valid pixel; check its bin or rings_px", true);
  const SumsLayout layout = layout_of(sums, chain.pixels());
  if (layout != SumsLayout::labels && sums.channels > live)
    throw InputError(ExitCode::run_file,
                     fmt::format("preprocess.compress.detectors holds {} channels, more than the {} valid pixels of a "
                                 "pattern: some are sums of others",
                                 sums.channels, live),
                     true);
  place.log.step("compress",
                 fmt::format("{} channels in the place of {} pixels, {:.4g} times fewer numbers", sums.channels,
                             chain.pixels(), static_cast<double>(chain.pixels()) / static_cast<double>(sums.channels)),
                 {{"channels", sums.channels}, {"pixels", chain.pixels()}, {"valid_pixels", live}},
                 [ny = chain.ny(), nx = chain.nx(), layout,
                  map = weight_map(sums, layout, chain.pixels())](const std::string& path) {
                   write_map_picture(path, {ny, nx, map},
                                     layout == SumsLayout::labels ? "channels" : "sum of absolute weights", "");
                 });
  return sums;
}

void tell_frame(const StepPlace& place, const DetectorGeometry& geometry, const PatternChain& chain,
                std::span<const double> mean) {
  const Index bad = chain.pixels() - static_cast<Index>(std::ranges::count(chain.valid(), 1.0));
  std::vector<double> picture(mean.begin(), mean.end());
  for (double& value : picture) value = std::sqrt(std::max(0.0, value));
  place.log.step(
      "frame",
      fmt::format("patterns of {} x {} pixels with zero angle from ({:.3f}, {:.3f}) px at ({}, {}), {}; {} are masked",
                  chain.ny(), chain.nx(), geometry.centre_px.y, geometry.centre_px.x, chain.ny() / 2, chain.nx() / 2,
                  chain.keeps_pixels() ? "pixels kept whole" : "resampled by area, which correlates neighbours", bad),
      {{"shape", {chain.ny(), chain.nx()}},
       {"zero_angle_px", {geometry.centre_px.y, geometry.centre_px.x}},
       {"bin", geometry.bin},
       {"resampled", !chain.keeps_pixels()},
       {"masked", bad}},
      [ny = chain.ny(), nx = chain.nx(), picture](const std::string& path) {
        write_map_picture(path, {ny, nx, picture}, "mean pattern", "sqrt");
      });
}

void tell_events(const StepPlace& place, const PatternChain& chain, const std::vector<double>& electrons,
                 Index pixel_bytes) {
  const double all = std::accumulate(electrons.begin(), electrons.end(), 0.0);
  const auto patterns = static_cast<double>(electrons.size()), pixels = static_cast<double>(chain.pixels());
  const double lists = all * (chain.pixels() <= EventLists::most_short_pixels ? 2 : 4) + 4 * patterns;
  const double dense = patterns * pixels * static_cast<double>(pixel_bytes);
  place.log.step("events",
                 fmt::format("{:.0f} electrons in lists of {}, {:.3g} times less than the {} of pixels", all,
                             bytes_text(lists), dense / lists, bytes_text(dense)),
                 {{"electrons", all}, {"bytes", lists}, {"bytes_of_pixels", dense}}, {});
  if (lists > dense)
    place.log.warn(
        fmt::format("lists of electrons take {:.2g} times the bytes of pixels; preprocess.compress.kind: none "
                    "is smaller",
                    lists / dense));
}

void tell_dose(const StepPlace& place, const std::vector<double>& electrons) {
  const DoseStatistics dose = dose_statistics(electrons);
  const Index row = place.input.scan.back(), rows = place.input.count() / row;
  place.log.step(
      "dose",
      fmt::format("{:.6g} electrons a pattern, {:.4g} to {:.4g}, scatter {:.3g} times counting's, {:+.2f} % from first "
                  "to last, {:.2f} % blank",
                  dose.mean, dose.least, dose.most, dose.scatter, 100 * dose.drift, 100 * dose.blank),
      {{"mean", dose.mean},
       {"deviation", dose.deviation},
       {"least", dose.least},
       {"most", dose.most},
       {"scatter", dose.scatter},
       {"drift", dose.drift},
       {"blank", dose.blank},
       {"histogram",
        {{"low", dose.histogram.low}, {"width", dose.histogram.width}, {"counts", dose.histogram.counts}}}},
      [=](const std::string& path) {
        write_map_picture(path, {rows, row, electrons}, "electrons of the patterns", "electrons");
      });
  place.log.step("dose_histogram", "patterns by their electrons, 64 bins", {}, [dose](const std::string& path) {
    write_curve_picture(path, {{"patterns", {{"", dose.histogram.counts}}}}, "bin of electrons");
  });
  constexpr double blank = 0.02, drifts = 0.1;
  if (dose.blank > blank)
    place.log.warn(
        fmt::format("{:.1f} % of the patterns are blank; data.subset leaves rows and columns out", 100 * dose.blank));
  if (std::abs(dose.drift) > drifts)
    place.log.warn(fmt::format(
        "the dose changes by {:+.0f} % from the first pattern to the last; refine.dose follows it", 100 * dose.drift));
}

}  // namespace tessera
