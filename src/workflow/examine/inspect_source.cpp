#include "src/workflow/examine/inspect_source.hpp"

#include <fmt/format.h>

#include <numeric>

#include "io/sources/look.hpp"
#include "io/sources/written_frames.hpp"
#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/base/words.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/measured_positions.hpp"
#include "src/workflow/input/pattern_sample.hpp"
#include "src/workflow/options/options.hpp"

namespace tessera {

namespace {

using Lines = std::vector<std::string>;

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

Lines describe_frames(const Source& source) {
  const SourceDescription& d = source.description;
  Lines lines{fmt::format("format {}: {}", d.format, shown(d.name))};
  lines.push_back(fmt::format("patterns ({})  {}, kept as {}{}{}", fmt::join(d.shape(), ", "), d.layout.info.type_name,
                              8 * bytes_of(d.layout.memory_type) == 32 && d.layout.memory_type == StoredType::f32
                                  ? "float32"
                                  : fmt::format("uint{}", 8 * bytes_of(d.layout.memory_type)),
                              d.parts.size() > 1 ? fmt::format(", in {} parts", d.parts.size()) : "",
                              d.transposed ? ", stored as (kx, ky)" : ""));
  return lines;
}

Lines describe_sample(const Source& source) {
  const SourceDescription& d = source.description;
  require_frames(d, whole_of(d.map.shape));
  std::vector<Index> all(static_cast<std::size_t>(d.map.positions()));
  std::iota(all.begin(), all.end(), Index{0});
  const PatternSample sample = read_sample(d, all);
  Calibration calibration;
  add_facts(source.facts, calibration);
  std::vector<PointYX> positions_A;
  if (source.facts.positions) {
    positions_A = found_positions(*source.facts.positions, d.map.positions());
  } else if (const Fact* step = source.facts.find(Quantity::scan_step_A); step != nullptr && d.map.shape.size() == 2) {
    for (Index y = 0; y < d.map.shape[0]; ++y)
      for (Index x = 0; x < d.map.shape[1]; ++x)
        positions_A.push_back(
            {static_cast<double>(y) * step->values.front(), static_cast<double>(x) * step->values.back()});
  }
  return describe_sampling(
      calibration, {d.map.positions(), d.pattern_ny(), d.pattern_nx(), pattern_facts(sample, {}, 1)}, positions_A);
}

}  // namespace

bool is_run_file(const std::string& file) {
  const std::string name = lower_case(file);
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

Lines describe_facts(const Source& source) {
  Lines lines;
  const FoundInFile found = found_keys(source);
  if (!found.keys.empty()) lines.emplace_back("what the file fills where the run file says nothing:");
  for (const FoundKey& key : found.keys)
    lines.push_back(fmt::format("  {}: {}  ({})", key.key, key.text, key.place.substr(std::string("file: ").size())));
  for (const std::string& note : found.notes) lines.push_back(note);
  for (const std::string& warning : found.warnings) lines.push_back("warning: " + warning);
  return lines;
}

void add_facts(const SourceFacts& facts, Calibration& c) {
  const auto first = [&](Quantity what) {
    const Fact* fact = facts.find(what);
    return fact == nullptr ? std::nullopt : std::optional(fact->values.front());
  };
  if (!c.wavelength_A) c.wavelength_A = first(Quantity::wavelength_A);
  if (const auto keV = first(Quantity::energy_keV); keV && !c.wavelength_A)
    c.wavelength_A = electron_wavelength_A(*keV * units::eV_per_keV);
  if (const auto mrad = first(Quantity::semiangle_mrad); mrad && !c.semiangle_rad)
    c.semiangle_rad = *mrad * units::rad_per_mrad;
  if (c.dk_y_invA) return;
  if (const Fact* pixel = facts.find(Quantity::pixel_invA)) {
    c.dk_y_invA = pixel->values.front();
    c.dk_x_invA = pixel->values.back();
  } else if (const Fact* angle = facts.find(Quantity::pixel_mrad); angle != nullptr && c.wavelength_A) {
    c.dk_y_invA = angle->values.front() * units::rad_per_mrad / *c.wavelength_A;
    c.dk_x_invA = angle->values.back() * units::rad_per_mrad / *c.wavelength_A;
  }
}

std::string describe_source(const Source& source) {
  Lines lines = describe_frames(source);
  for (const Lines& more : {describe_facts(source), describe_sample(source)})
    lines.insert(lines.end(), more.begin(), more.end());
  return joined(lines);
}

std::string describe_run_file(const std::string& run_file, const std::vector<std::string>& sets) {
  const std::string text = read_run_file(run_file);
  const DataOptions data = parse_data_options(text, run_file, sets);
  if (data.file.empty()) throw_run_file("data.file is missing; `tessera inspect` needs it");
  const Source source = look_at(source_request(data));
  Lines lines = describe_frames(source);
  const FoundInFile found = found_keys(source);
  for (const FoundKey& key : found.keys) {
    const std::optional<std::string> given = given_value(text, run_file, sets, key.key);
    lines.push_back(fmt::format("  {}: {}  ({}){}", key.key, key.text, key.place.substr(std::string("file: ").size()),
                                given ? fmt::format("; the run file says {}, which counts", *given) : ""));
  }
  for (const std::string& note : found.notes) lines.push_back(note);
  for (const std::string& warning : found.warnings) lines.push_back("warning: " + warning);
  const Lines sample = describe_sample(source);
  lines.insert(lines.end(), sample.begin(), sample.end());
  return joined(lines);
}

}  // namespace tessera
