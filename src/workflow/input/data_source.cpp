#include "src/workflow/input/data_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>

#include "io/sources/look.hpp"
#include "src/workflow/options/options.hpp"

namespace tessera {

namespace {

/// The key of a quantity, and whether it is true or false.
struct QuantityKey {
  Quantity what;
  const char* key;
  bool is_flag = false;
};
constexpr std::array<QuantityKey, 13> quantity_keys{{
    {Quantity::energy_keV, "beam.energy_keV"},
    {Quantity::wavelength_A, "beam.wavelength_A"},
    {Quantity::semiangle_mrad, "beam.semiangle_mrad"},
    {Quantity::C10_A, "beam.aberrations.C10_A"},
    {Quantity::pixel_mrad, "detector.pixel_mrad"},
    {Quantity::pixel_invA, "detector.pixel_invA"},
    {Quantity::bright_field_radius_px, "detector.bright_field_radius_px"},
    {Quantity::scan_step_A, "scan.step_A"},
    {Quantity::scan_rotation_deg, "scan.rotation_deg"},
    {Quantity::counts_per_electron, "data.counts_per_electron"},
    {Quantity::flip_y, "detector.flip_y", true},
    {Quantity::flip_x, "detector.flip_x", true},
    {Quantity::transpose, "detector.transpose", true},
}};

std::string value_text(const Fact& fact, bool is_flag) {
  if (is_flag) return fact.values[0] != 0 ? "true" : "false";
  const bool pair = fact.values.size() == 2 && fact.values[0] != fact.values[1];
  return pair ? fmt::format("[{:.10g}, {:.10g}]", fact.values[0], fact.values[1])
              : fmt::format("{:.10g}", fact.values[0]);
}

/// A text as YAML has it, in quotes where it needs them.
std::string quoted(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '.';
  });
  if (plain && text.front() != '-') return text;
  std::string all = "\"";
  for (const char c : text) all += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return all + '"';
}

/// A dataset of the source's own file by its name alone.
std::string array_text(const std::string& file, const std::string& dataset, const SourceDescription& source) {
  if (file == source.parts[0].file) return quoted(dataset);
  return dataset.empty() ? fmt::format("{{file: {}}}", quoted(file))
                         : fmt::format("{{file: {}, dataset: {}}}", quoted(file), quoted(dataset));
}

/// Comments end with their line.
std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

}  // namespace

SourceRequest source_request(const DataOptions& data) {
  return {.file = data.file,
          .format = data.format,
          .dataset = data.patterns,
          .raw = {.shape = data.raw.shape,
                  .type = data.raw.type,
                  .offset_bytes = data.raw.offset_bytes,
                  .gap_bytes = data.raw.gap_bytes,
                  .big_endian = data.raw.big_endian},
          .scan_shape = data.scan_shape,
          .first_frame = data.first_frame,
          .line_frames = data.line_frames,
          .order = data.scan_order,
          .amplitudes = data.amplitudes};
}

std::string patterns_name(const DataOptions& data) {
  return data.patterns.empty() ? data.file : fmt::format("{}: data.patterns {}", data.file, data.patterns);
}

std::vector<std::string> files_of(const DataOptions& data) {
  std::vector<std::string> files;
  std::error_code none;
  if (std::filesystem::is_regular_file(data.file, none)) files.push_back(data.file);
  std::set<std::string> seen(files.begin(), files.end());
  for (const FramePart& part : look_at(source_request(data)).description.parts)
    if (seen.insert(part.file).second) files.push_back(part.file);
  return files;
}

FoundInFile found_keys(const Source& source) {
  const SourceDescription& d = source.description;
  const SourceFacts& facts = source.facts;
  FoundInFile found{.notes = facts.notes, .warnings = facts.warnings};
  const auto add = [&](const std::string& key, const std::string& text, const std::string& where) {
    found.keys.push_back({key, text, "file: " + one_line(where)});
  };
  add("data.format", d.format, "its name and content");
  if (d.kind == FrameKind::hdf5 || d.of_electrons())
    add("data.patterns", quoted(d.parts[0].dataset),
        d.parts.size() == 1 ? d.name : fmt::format("{}, the first of {}", d.name, d.parts.size()));
  if (d.amplitudes) add("data.values", "amplitudes", d.format);
  if (facts.positions)
    add("data.positions", array_text(facts.positions->file, facts.positions->y_dataset, d), facts.positions->where);
  if (facts.mask && (!facts.mask->dataset.empty() || facts.mask->file != d.parts[0].file))
    add("data.mask", array_text(facts.mask->file, facts.mask->dataset, d), facts.mask->where);
  if (facts.mask && facts.mask->border_px > 0)
    add("data.border_px", std::to_string(facts.mask->border_px), facts.mask->where);
  for (const Fact& fact : facts.facts) {
    const QuantityKey& key = *std::ranges::find(quantity_keys, fact.what, &QuantityKey::what);
    add(key.key, value_text(fact, key.is_flag), fact.where);
  }
  return found;
}

FoundInFile look_at_data(const std::string& text, const std::string& path, const std::vector<std::string>& sets) {
  const DataOptions data = parse_data_options(text, path, sets);
  if (data.file.empty()) return {};
  try {
    return found_keys(look_at(source_request(data)));
  } catch (const Error& error) {
    FoundInFile found;
    found.failure = error.what();
    found.failure_code = error.code();
    return found;
  }
}

FoundInFile look_at_data(const Comm& comm, const std::string& text, const std::string& path,
                         const std::vector<std::string>& sets) {
  FoundInFile found;
  comm.agree([&] {
    if (comm.is_root()) found = look_at_data(text, path, sets);
  });
  std::vector<std::string*> texts{&found.failure};
  std::array<Index, 3> lengths{static_cast<Index>(found.keys.size()), static_cast<Index>(found.notes.size()),
                               static_cast<Index>(found.warnings.size())};
  comm.broadcast(lengths);
  comm.broadcast(found.failure_code);
  found.keys.resize(static_cast<std::size_t>(lengths[0]));
  found.notes.resize(static_cast<std::size_t>(lengths[1]));
  found.warnings.resize(static_cast<std::size_t>(lengths[2]));
  for (FoundKey& key : found.keys)
    for (std::string* part : {&key.key, &key.text, &key.place}) texts.push_back(part);
  for (std::vector<std::string>* list : {&found.notes, &found.warnings})
    for (std::string& one : *list) texts.push_back(&one);
  for (std::string* one : texts) comm.broadcast(*one);
  return found;
}

std::string looked_up_config(const std::string& run_file, const std::vector<std::string>& sets, Command command) {
  const std::string text = read_run_file(run_file);
  const FoundInFile found = look_at_data(text, run_file, sets);
  const std::string config = resolved_yaml(text, run_file, sets, command, found);
  return found.failure.empty() ? config : fmt::format("# data.file was not looked at: {}\n{}", found.failure, config);
}

}  // namespace tessera
