#include "src/workflow/preprocess/preprocess_forecast.hpp"

#include <algorithm>

#include "io/event_lists.hpp"
#include "src/base/units.hpp"
#include "src/workflow/preprocess/compress.hpp"
#include "src/workflow/preprocess/scan_spectrum.hpp"

namespace tessera {

namespace {

constexpr double real = sizeof(double);

double pixels_of(const std::array<Index, 2>& shape) {
  return static_cast<double>(shape[0]) * static_cast<double>(shape[1]);
}

/// Bytes of a number in the file, at most.
double stored_bytes(const PreprocessOptions& steps, const PreprocessInput& input) {
  const bool small = steps.bin == 1 && !steps.whole_electrons && !steps.dark && !steps.flat &&
                     steps.compress.kind == CompressionKind::none;
  return small ? static_cast<double>(bytes_of(input.type)) : 4;
}

/// Numbers that are kept in the place of a pattern; of events, at most.
double forecast_numbers(const CompressOptions& compress, const PreprocessInput& input,
                        const DetectorGeometry& geometry) {
  const double pixels = pixels_of(geometry.shape);
  switch (compress.kind) {
    case CompressionKind::none:
    case CompressionKind::events:
    case CompressionKind::bin:
      return compress.kind != CompressionKind::bin ? pixels
                                                   : pixels / static_cast<double>(compress.bin * compress.bin) + 1;
    case CompressionKind::segments: {
      double sum = 0;
      for (std::size_t ring = 0; ring < compress.rings_px.size(); ++ring)
        sum += static_cast<double>(compress.azimuths[compress.azimuths.size() == 1 ? 0 : ring]);
      return sum;
    }
    case CompressionKind::given:
      return static_cast<double>(input.given_sums.channels);
    default:
      return static_cast<double>(compress.channels);
  }
}

/// Weights of the sums, where they are many: as good as one for each channel and pixel, or as many as are given.
double forecast_weights(const CompressOptions& compress, const PreprocessInput& input,
                        const DetectorGeometry& geometry) {
  if (compress.kind == CompressionKind::given) return static_cast<double>(input.given_sums.pixel.size());
  const bool dense = compress.kind == CompressionKind::pca || compress.kind == CompressionKind::random;
  return dense ? pixels_of(geometry.shape) * forecast_numbers(compress, input, geometry) : 0;
}

/// Bytes of a pattern in a round, at most: of events the list of a pattern that has as many electrons as pixels, and
/// its copy.
double held_bytes(const PreprocessOptions& steps, const PreprocessInput& input, const DetectorGeometry& geometry) {
  const double each = steps.compress.kind == CompressionKind::events ? 8 : stored_bytes(steps, input);
  return forecast_numbers(steps.compress, input, geometry) * each;
}

/// Bytes of a pattern in the file, at most; of events, as many as the sample says.
double written_bytes(const PreprocessOptions& steps, const PreprocessInput& input, const DetectorGeometry& geometry) {
  if (steps.compress.kind != CompressionKind::events)
    return forecast_numbers(steps.compress, input, geometry) * stored_bytes(steps, input);
  const double pixels = pixels_of(geometry.shape);
  const double electron = pixels <= static_cast<double>(EventLists::most_short_pixels) ? 2 : 4, count = 4;
  return std::min(pixels, input.mean_electrons) * electron + count;
}

}  // namespace

double round_bytes(const PreprocessOptions& steps, const PreprocessInput& input, const DetectorGeometry& geometry) {
  const double raw = static_cast<double>(input.pixel_count() * bytes_of(input.type));
  const bool few = steps.compress.kind == CompressionKind::events;  // as a rule
  return few ? raw : std::max(raw, held_bytes(steps, input, geometry));
}

RoundPlan forecast_rounds(const PreprocessOptions& steps, const PreprocessInput& input,
                          const DetectorGeometry& geometry, int ranks) {
  const double most = static_cast<double>(steps.block_MiB) * units::bytes_per_MiB / round_bytes(steps, input, geometry);
  const Index together = input.count() == input.stored.positions() ? input.together : 1;
  return plan_rounds(input.count(), together, std::max<Index>(1, static_cast<Index>(most)), ranks);
}

MemoryNeed forecast_preprocess(const PreprocessOptions& steps, const PreprocessInput& input,
                               const DetectorGeometry& geometry, const RoundPlan& plan, double reader_bytes) {
  const double raw = static_cast<double>(input.pixel_count()), pixels = pixels_of(geometry.shape);
  const double numbers = forecast_numbers(steps.compress, input, geometry);
  constexpr double of_position = 9 * real, cuts = 10, of_cut = 5 * real, maps = 24;
  MemoryNeed need;
  const double a_round = static_cast<double>(std::min(plan.a_round, input.count()));
  need.parts.push_back(
      {fmt::format("{:.0f} patterns of a round", a_round), a_round * held_bytes(steps, input, geometry) + reader_bytes,
       "make preprocess.block_MiB smaller; chunks of the file that hold many patterns also need room"});
  need.parts.push_back({fmt::format("what is known of {} positions", input.count()),
                        static_cast<double>(input.count()) * of_position, "use fewer ranks on a node, or data.subset"});
  need.parts.push_back({fmt::format("maps of {} x {} pixels", geometry.shape[0], geometry.shape[1]),
                        raw * maps * real + std::max(raw, pixels) * cuts * of_cut,
                        "make preprocess.pad_px smaller, or preprocess.crop_px"});
  const double weights = forecast_weights(steps.compress, input, geometry);
  if (weights > 0) {
    const double vectors = steps.compress.kind == CompressionKind::pca ? 6 * (numbers + 8) * real : 0;
    constexpr double of_weight = 5 * real;  // as they are read, as they are used, as they are written
    need.parts.push_back({fmt::format("weights of {:.0f} channels", numbers), pixels * vectors + weights * of_weight,
                          steps.compress.kind == CompressionKind::given
                              ? "keep fewer detectors, or fewer pixels of each"
                              : "make preprocess.compress.channels smaller, or patterns by preprocess.bin"});
  }
  if (steps.lattice_measured_A.fit) {
    constexpr double padded = 16, most_bins = 2048 * 2048;
    constexpr double of_bin = 9 * real, images = 4 * real;  // powers, radii, a transform and a picture
    const auto side = [&](std::size_t axis) { return static_cast<double>(std::min(input.scan[axis], most_scan_side)); };
    const double positions = input.scan.size() == 2 ? side(0) * side(1) : 0;
    need.parts.push_back({"the spectrum of the scan",
                          positions * images + std::min(most_bins, positions * padded) * of_bin,
                          "give preprocess.lattice.measured_A as two vectors"});
  }
  return need;
}

double forecast_file_bytes(const PreprocessOptions& steps, const PreprocessInput& input,
                           const DetectorGeometry& geometry) {
  const double pixels = pixels_of(geometry.shape), weights = forecast_weights(steps.compress, input, geometry);
  return static_cast<double>(input.count()) * (written_bytes(steps, input, geometry) + 2 * real) +
         (weights > 0 ? 8 * weights : pixels * 48);
}

}  // namespace tessera
