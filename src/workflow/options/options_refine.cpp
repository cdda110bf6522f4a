#include "src/model/unknowns/rows.hpp"
#include "src/workflow/options/options_entry.hpp"

namespace tessera::detail {

namespace {

/// What may be given of an unknown: "{from: ITERATION, until: ITERATION, prior_A: 0.3}".
std::string form_of(const UnknownRow& row) {
  std::string text = "{from: ITERATION, until: ITERATION";
  for (const UnknownKey& key : row.keys) text += fmt::format(", {}: {}", key.name, key.default_text);
  if (!row.names.empty()) text += ", names: " + row.names;
  return text + "}, or null or false to keep it fixed";
}

double number_of(const Value& parent, const UnknownKey& key, const YamlNode* given) {
  const YamlNode fallback = parse_yaml_value(key.default_text, "default");
  const Value value(parent.key() + "." + key.name, "", given != nullptr ? *given : fallback);
  return value.is_null() ? 0 : value.number(positive) * key.factor;
}

void read_names(const Value& parent, const UnknownRow& row, const YamlNode* given, std::vector<std::string>& names) {
  const YamlNode fallback = parse_yaml_value(row.names, "default");
  for (const Value& name : Value(parent.key() + ".names", "", given != nullptr ? *given : fallback).items())
    names.push_back(name.text());
}

void read_refine(const Value& value, const UnknownRow& row, RunOptions& options) {
  options.refine.erase(row.name);
  if (value.is_null() || value.node().scalar == "false") return;
  if (!value.is_map()) value.reject(form_of(row));
  RefineOptions refine;
  for (const auto& [name, node] : value.node().members) {
    const auto known = std::ranges::find(row.keys, name, &UnknownKey::name);
    if (name != "from" && name != "until" && known == row.keys.end() && (name != "names" || row.names.empty()))
      value.reject(form_of(row));
  }
  const YamlNode* const from = value.node().member("from");
  const YamlNode* const until = value.node().member("until");
  if (from == nullptr) value.reject(form_of(row));
  assign(Value(value.key() + ".from", "", *from), refine.from, not_negative, 1);
  if (until != nullptr && !until->is_null()) {
    const Limit later{.low = refine.from + 1.0, .high = {}};
    assign(Value(value.key() + ".until", "", *until), refine.until, later, 1);
  }
  for (const UnknownKey& key : row.keys)
    refine.settings.numbers[key.name] = number_of(value, key, value.node().member(key.name));
  if (!row.names.empty()) read_names(value, row, value.node().member("names"), refine.settings.names);
  options.refine[row.name] = refine;
}

/// The manual's line: what it is, its unit, and its own keys.
std::string meaning_of(const UnknownRow& row) {
  std::string text = row.meaning;
  for (const UnknownKey& key : row.keys) text += fmt::format("; {}: {}", key.name, key.meaning);
  if (!row.prior_key.empty()) text += fmt::format(" ({}: null for no prior)", row.prior_key);
  return text;
}

OptionEntry refine_entry(const UnknownRow& row) {
  return {"refine." + row.name,
          row.unit,
          row.default_from < 0 ? "null" : fmt::format("{{from: {}}}", row.default_from),
          form_of(row),
          meaning_of(row),
          [&row](const Value& value, RunOptions& options) { read_refine(value, row, options); },
          OptionEntry::Kind::tree};
}

/// The object's variables are the solver's own business, but their key is one like the others.
const UnknownRow& object_row() {
  static const UnknownRow row{.name = "object",
                              .unit = "rad",
                              .meaning =
                                  "the object: every voxel of every slice; by default from 2 where the probe is blind "
                                  "and starts at 0, so that its "
                                  "errors do not go into the object",
                              .extent = Extent::voxel,
                              .default_from = 0,
                              .make = {}};
  return row;
}

}  // namespace

std::vector<OptionEntry> refine_entries() {
  std::vector<OptionEntry> entries;
  for (const UnknownRow& row : unknown_rows())
    if (row.part_of.empty()) entries.push_back(refine_entry(row));
  // Read last, as its default follows from the probe's.
  entries.push_back(refine_entry(object_row()));
  entries.back().computed_default = [](const RunOptions& o) {
    const auto probe = o.refine.find("probe");
    const bool probe_first = probe != o.refine.end() && probe->second.from == 0;
    return probe_first && !o.beam.initial && !o.object.initial ? "{from: 2}" : "{from: 0}";
  };
  return entries;
}

}  // namespace tessera::detail
