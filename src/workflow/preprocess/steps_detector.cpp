#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/pictures.hpp"
#include "src/workflow/preprocess/bad_pixels.hpp"
#include "src/workflow/preprocess/counting.hpp"
#include "src/workflow/preprocess/steps.hpp"

namespace tessera {

namespace {

/// A dataset about the raw pixels, read by root and sent to all; empty where it is not given.
std::vector<double> pixel_map(const StepPlace& place, const std::string& key, const std::optional<DatasetRef>& from) {
  std::vector<double> values;
  place.comm.agree([&] {
    if (place.comm.is_root() && from) values = read_pixel_map(key, *from, place.input.stored.pattern);
  });
  place.comm.broadcast(values);
  return values;
}

StepLog::Draw map_of(const StepPlace& place, const std::vector<double>& values, const std::string& title,
                     const std::string& unit) {
  return [=, ny = place.input.ny, nx = place.input.nx](const std::string& path) {
    write_map_picture(path, {ny, nx, values}, title, unit);
  };
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

/// Values of up to 64 patterns, spread over the scan, with root (collective).
std::vector<double> sample_values(const StepPlace& place, const Correction& correction) {
  constexpr Index most = 64;
  const PreprocessInput& input = place.input;
  std::vector<Index> wanted;
  const Index n = std::min(most, input.count());
  for (Index i = 0; place.comm.is_root() && i < n; ++i) wanted.push_back(input.patterns[i * input.count() / n]);
  std::vector<double> values, counts(static_cast<std::size_t>(input.pixel_count()));
  const Index bytes = input.pixel_count() * place.reader.bytes_per_pixel();
  place.reader.read(wanted, [&](std::span<const Index> slots, std::span<const std::byte> raw) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      correct_pattern(
          correction, raw.data() + static_cast<Index>(i) * bytes, [&] { return place.dataset(); }, counts);
      for (std::size_t k = 0; k < counts.size(); ++k)
        if (correction.valid[k] != 0) values.push_back(counts[k]);
    }
  });
  return values;
}

}  // namespace

Correction first_correction(const StepPlace& place) {
  const PreprocessInput& input = place.input;
  const RunOptions& options = place.options;
  place.log.step(
      "subset",
      fmt::format("{} of {} patterns of {} x {} pixels", input.count(), input.stored.positions(), input.ny, input.nx),
      {{"patterns", input.count()}, {"of", input.stored.positions()}, {"scan", input.scan}});
  Correction correction;
  correction.type = input.type;
  correction.full = full_value(input.type);
  correction.valid = input.pixels.valid;
  correction.offset = pixel_map(place, "preprocess.dark", options.preprocess.dark);
  if (!correction.offset.empty())
    place.log.step("dark", fmt::format("{:.4g} counts a pixel are subtracted", mean_of(correction.offset)),
                   {{"mean_counts", mean_of(correction.offset)}}, map_of(place, correction.offset, "dark", "counts"));
  const std::vector<double> flat = pixel_map(place, "preprocess.flat", options.preprocess.flat);
  if (!flat.empty()) {
    correction.factor = flat_factors(flat);
    const auto dead = std::ranges::count(correction.factor, 0.0);
    for (std::size_t i = 0; i < flat.size(); ++i)
      if (correction.factor[i] == 0) correction.valid[i] = 0;
    const double largest = *std::ranges::max_element(correction.factor);
    place.log.step("flat", fmt::format("pixels are multiplied by up to {:.4g}, {} are dead", largest, dead),
                   {{"largest_factor", largest}, {"dead", dead}}, map_of(place, flat, "response of the pixels", "1"));
  }
  return correction;
}

bool needs_statistics(const PreprocessOptions& steps) {
  const CompressionKind kind = steps.compress.kind;
  return steps.bad_pixels || steps.fit_counts_per_electron || steps.centre_px.fit || steps.descan ||
         steps.ellipse.fit || kind == CompressionKind::smooth || kind == CompressionKind::pca;
}

PatternStatistics take_statistics(const StepPlace& place, const Correction& correction) {
  Histogram bins;
  if (place.options.preprocess.fit_counts_per_electron) {
    bins = value_bins(sample_values(place, correction));
    place.comm.broadcast(bins.low);
    place.comm.broadcast(bins.width);
    auto n = static_cast<Index>(bins.counts.size());
    place.comm.broadcast(n);
    bins.counts.assign(static_cast<std::size_t>(n), 0.0);
  }
  return pattern_statistics(place.comm, place.reader, place.input, correction, place.plan, std::move(bins),
                            place.dataset());
}

void mask_bad_pixels(const StepPlace& place, const PatternStatistics& statistics, Correction& correction) {
  const std::optional<double>& sigma = place.options.preprocess.bad_pixels;
  if (!sigma) return;
  const double unit = place.options.data.counts_per_electron;
  std::vector<double> mean = statistics.mean, variance = statistics.variance;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    mean[i] /= unit;
    variance[i] /= unit * unit;
  }
  const BadPixels bad =
      find_bad_pixels(mean, variance, statistics.patterns, correction.valid, place.input.ny, place.input.nx, *sigma);
  correction.valid = bad.valid;
  const double share = static_cast<double>(bad.found()) / static_cast<double>(place.input.pixel_count());
  place.log.step(
      "bad_pixels", fmt::format("{} hot, {} dead and {} noisy pixels are masked", bad.hot, bad.dead, bad.noisy),
      {{"hot", bad.hot}, {"dead", bad.dead}, {"noisy", bad.noisy}}, map_of(place, bad.valid, "valid pixels", "1"));
  constexpr double many = 0.01;
  if (share > many)
    place.log.warn(fmt::format("preprocess.bad_pixels: {} masks {:.1f} % of all pixels; a larger number masks fewer",
                               *sigma, 100 * share));
}

double calibrate_counting(const StepPlace& place, const PatternStatistics& statistics, Correction& correction) {
  const PreprocessOptions& steps = place.options.preprocess;
  double counts = place.options.data.counts_per_electron;
  if (steps.fit_counts_per_electron) {
    const auto peaks = electron_peaks(statistics.values);
    if (!peaks)
      throw InputError(ExitCode::data_wrong,
                       "preprocess.fit_counts_per_electron: the histogram of pixel values has no peak of one electron "
                       "beside that of none; too many electrons fall on a pixel, or their signal does not stand out "
                       "from the noise: give data.counts_per_electron",
                       true);
    counts = peaks->per_electron;
    place.log.step("counting",
                   fmt::format("one electron counts {:.5g} +- {:.2g}, none {:.4g}, peaks are {:.3g} wide", counts,
                               peaks->error, peaks->zero, peaks->width),
                   {{"counts_per_electron", counts},
                    {"standard_error", peaks->error},
                    {"zero", peaks->zero},
                    {"width", peaks->width},
                    {"first_bin", statistics.values.low},
                    {"bin_width", statistics.values.width}},
                   [counts_of = statistics.values.counts](const std::string& path) {
                     write_curve_picture(path, {{"pixels", {{"", counts_of}}}}, "bin of values");
                   });
    if (std::abs(peaks->zero) > 0.1 * counts)
      place.log.warn(
          fmt::format("pixels without an electron hold {:.4g} counts, a tenth of an electron or more: subtract "
                      "preprocess.dark",
                      peaks->zero));
  }
  if (!steps.whole_electrons) return counts;
  correction.counts_of_electron = counts;
  place.log.step("whole_electrons", fmt::format("pixels are rounded to electrons of {:.5g} counts", counts),
                 {{"counts_per_electron", counts}});
  return 1;
}

}  // namespace tessera
