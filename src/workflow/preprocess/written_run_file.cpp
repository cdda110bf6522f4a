#include "src/workflow/preprocess/written_run_file.hpp"

#include <filesystem>

#include "io/output_folder.hpp"
#include "src/base/units.hpp"

namespace tessera {

namespace {

/// In YAML's quotes, as it is.
std::string quoted(const std::string& text) {
  std::string inner;
  for (const char c : text) inner += c == '\'' ? "''" : std::string(1, c);
  return "'" + inner + "'";
}

/// Numbers with all their digits.
std::string number(double value) { return fmt::format("{}", value); }

std::string pair_of(const std::array<double, 2>& values, double factor) {
  if (values[0] == values[1]) return number(values[0] * factor);
  return fmt::format("[{}, {}]", number(values[0] * factor), number(values[1] * factor));
}

}  // namespace

OutputNames output_names(const std::string& output) {
  const std::filesystem::path path(output);
  const std::string stem = (path.parent_path() / path.stem()).string();
  return {output, stem + ".yaml", stem + "_steps", stem + "_result"};
}

void refuse_inputs(const RunOptions& options, const OutputNames& names, const std::string& run_file) {
  const PreprocessOptions& steps = options.preprocess;
  const DistortionOptions& distortion = steps.distortion;
  std::vector<std::pair<std::string, std::string>> inputs{{run_file, "the run file"}, {options.data.file, "data.file"}};
  const auto add = [&](const std::optional<DatasetRef>& from, const char* key) {
    if (from) inputs.emplace_back(from->file, key);
  };
  add(steps.dark, "preprocess.dark");
  add(steps.flat, "preprocess.flat");
  add(distortion.map, "preprocess.distortion.map");
  add(distortion.reference, "preprocess.distortion.reference");
  add(distortion.distorted, "preprocess.distortion.distorted");
  add(steps.compress.detectors, "preprocess.compress.detectors");
  for (const auto& [input, key] : inputs) {
    refuse_input_as_output(names.file, "preprocess.output", input, key);
    refuse_input_as_output(names.run_file, "the run file beside preprocess.output", input, key);
  }
}

RunFileChanges run_file_changes(const RunOptions& options, const OutputNames& names, const WrittenFacts& facts) {
  RunFileChanges changes;
  changes.dropped = {"preprocess",         "simulate",        "data.subset", "data.positions",  "data.mask",
                     "detector.centre_px", "data.format",     "data.raw",    "data.scan_shape", "data.first_frame",
                     "data.line_frames",   "data.scan_order", "data.values", "data.border_px"};
  const std::string file = quoted(std::filesystem::path(names.file).filename().string());
  const auto set = [&](const std::string& key, const std::string& value) { changes.values.emplace_back(key, value); };
  set("data.file", file);
  set("data.patterns", facts.dataset);
  if (facts.positions) set("data.positions", "/positions_A");
  if (facts.masked && facts.detectors.empty()) set("data.mask", "/mask");
  if (facts.counts_per_electron != 1 || options.data.counts_per_electron != 1)
    set("data.counts_per_electron", number(facts.counts_per_electron));
  const auto bin = static_cast<double>(options.preprocess.bin);
  const DetectorOptions& detector = options.detector;
  if (bin != 1) {
    if (detector.pixel_rad) set("detector.pixel_mrad", pair_of(*detector.pixel_rad, bin / units::rad_per_mrad));
    if (detector.pixel_invA) set("detector.pixel_invA", pair_of(*detector.pixel_invA, bin));
    if (detector.bright_field_radius_px)
      set("detector.bright_field_radius_px", number(*detector.bright_field_radius_px / bin));
    if (detector.psf_px != 0) set("detector.psf_px", number(detector.psf_px / bin));
  }
  if (!facts.detectors.empty())
    set("detector.virtual", fmt::format("{{file: {}, dataset: {}}}", file, facts.detectors));
  if (facts.weighted) set("loss.kind", "weighted");
  if (options.scan.step_A) {
    const std::array<double, 2> steps = {static_cast<double>(options.data.ry.step),
                                         static_cast<double>(options.data.rx.step)};
    set("scan.step_A", pair_of({(*options.scan.step_A)[0] * steps[0], (*options.scan.step_A)[1] * steps[1]}, 1));
  }
  if (facts.affine) {
    const auto& m = *facts.affine;
    set("scan.affine", fmt::format("[[{}, {}], [{}, {}]]", number(m[0]), number(m[1]), number(m[2]), number(m[3])));
  }
  if (options.output.directory.empty())
    set("output.directory", quoted(std::filesystem::path(names.result).filename().string()));
  return changes;
}

}  // namespace tessera
