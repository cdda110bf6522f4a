#include <algorithm>
#include <cmath>
#include <functional>

#include "src/base/units.hpp"
#include "src/workflow/options/options_check.hpp"

namespace tessera {
namespace {

void need(bool given, const std::string& key) {
  if (!given) throw_run_file(fmt::format("{} is missing; `tessera preprocess` needs it", key));
}

void both(bool one, bool other, const std::string& keys) {
  if (one != other) throw_run_file(fmt::format("of {} one is given; it takes both", keys));
}

void check_geometry(const RunOptions& options) {
  const PreprocessOptions& steps = options.preprocess;
  both(steps.distortion.reference.has_value(), steps.distortion.distorted.has_value(),
       "preprocess.distortion.reference and preprocess.distortion.distorted");
  if (steps.distortion.map && steps.distortion.reference)
    throw_run_file("preprocess.distortion.map and preprocess.distortion.reference are both given; only one may be");
  if (steps.centre_px.any() && options.detector.centre_px)
    throw_run_file("preprocess.centre_px and detector.centre_px are both given; only one may be");
  both(steps.lattice_measured_A.any(), steps.lattice_reference_A.has_value(),
       "preprocess.lattice.measured_A and preprocess.lattice.reference_A");
  const auto oblong = [](const auto& pixel) { return pixel && (*pixel)[0] != (*pixel)[1]; };
  const double half_turns = steps.rotation_rad / (180 * units::rad_per_degree);
  const bool turns = steps.ellipse.any() || std::abs(half_turns - std::round(half_turns)) > 1e-12;
  if (turns && (oblong(options.detector.pixel_rad) || oblong(options.detector.pixel_invA)))
    throw_run_file(
        "preprocess.ellipse and preprocess.rotation_deg need square pixels, but those of `detector` are oblong; give "
        "one number for both axes");
}

void check_compress(const RunOptions& options) {
  const CompressOptions& compress = options.preprocess.compress;
  const std::vector<double>& rings = compress.rings_px;
  if (compress.kind != CompressionKind::none && options.detector.bin != 1)
    throw_run_file(
        fmt::format("detector.bin is {}; it must be 1 with preprocess.compress, whose channels are read as they are",
                    options.detector.bin));
  const bool given = compress.kind == CompressionKind::given;
  if (given) need(compress.detectors.has_value(), "preprocess.compress.detectors, the sums of kind given,");
  if (!given && compress.detectors)
    throw_run_file("preprocess.compress.detectors is given; only preprocess.compress.kind: given reads it");
  if (compress.kind != CompressionKind::segments) {
    if (!rings.empty())
      throw_run_file("preprocess.compress.rings_px is given; only preprocess.compress.kind: segments has rings");
    return;
  }
  need(!rings.empty(), "preprocess.compress.rings_px, the outer radii of the segments,");
  if (std::ranges::adjacent_find(rings, std::greater_equal<>()) != rings.end())
    throw_run_file("preprocess.compress.rings_px must increase: they are the outer radii of rings");
  if (compress.azimuths.size() != 1 && compress.azimuths.size() != rings.size())
    throw_run_file(
        fmt::format("preprocess.compress.azimuths has {} numbers for {} rings; give one for all, or one each",
                    compress.azimuths.size(), rings.size()));
}

}  // namespace

void check_preprocess(const RunOptions& options) {
  need(!options.data.file.empty(), "data.file");
  need(!options.preprocess.output.empty(), "preprocess.output");
  if (options.detector.virtual_detectors)
    throw_run_file("detector.virtual is given; `tessera preprocess` works on patterns, not on channels");
  if (options.data.half != ScanHalf::whole)
    throw_run_file(
        "data.subset.half is given; `tessera preprocess` keeps whole rows and columns: let reconstruct halve them");
  check_geometry(options);
  check_compress(options);
}

}  // namespace tessera
