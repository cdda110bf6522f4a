#include "src/model/unknowns/rows.hpp"
#include "src/workflow/options/options_entry.hpp"
#include "src/workflow/options/options_limits.hpp"

namespace tessera::detail {

namespace {

/// What may be given of an unknown: "{from: ITERATION, until: ITERATION, prior_A: 0.3}".
std::string form_of(const UnknownRow& row) {
  std::string text = "{from: ITERATION, until: ITERATION";
  for (const UnknownKey& key : row.keys) text += fmt::format(", {}: {}", key.name, key.default_text);
  if (!row.names.empty()) text += ", names: " + row.names;
  return text + "}, or null or false to keep it fixed";
}

Limit limit_of(const UnknownKey& key) { return {key.low, key.high}; }

double number_of(const Value& parent, const UnknownKey& key, const YamlNode* given) {
  const YamlNode node = given != nullptr ? *given : parse_yaml_value(key.default_text, "default");
  const Value value(parent.key() + "." + key.name, "", node);
  if (value.is_null()) return 0;
  const Limit limit = limit_of(key);
  return (key.whole ? static_cast<double>(value.integer(limit)) : value.number(limit)) * key.factor;
}

void read_names(const Value& parent, const UnknownRow& row, const YamlNode* given, std::vector<std::string>& names) {
  const YamlNode node = given != nullptr ? *given : parse_yaml_value(row.names, "default");
  const Value list(parent.key() + ".names", "", node);
  if (!list.is_list()) list.reject("a list such as " + row.names);
  for (const Value& name : list.items()) names.push_back(name.text());
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
  assign(Value(value.key() + ".from", "", *from), refine.from, limits::iteration, 1);
  if (until != nullptr && !until->is_null()) {
    const Limit later{refine.from + 1.0, limits::iteration.high + 1};
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
  for (const UnknownKey& key : row.keys)
    text += fmt::format("; {}: {} ({})", key.name, key.meaning, limit_of(key).text());
  if (!row.prior_key.empty()) text += fmt::format(" ({}: null for no prior)", row.prior_key);
  return text;
}

/// Where an iteration or a number of its own may stand.
std::vector<NumberRange> numbers_of(const UnknownRow& row) {
  const std::string key = "refine." + row.name;
  std::vector<NumberRange> numbers{{key, limits::iteration, "{from: VALUE}"},
                                   {key, {1, limits::iteration.high + 1}, "{from: 0, until: VALUE}"}};
  for (const UnknownKey& own : row.keys)
    numbers.push_back({key, limit_of(own), fmt::format("{{from: 0, {}: VALUE}}", own.name)});
  return numbers;
}

OptionEntry refine_entry(const UnknownRow& row) {
  return {"refine." + row.name,
          row.unit,
          row.default_from < 0 ? "null" : fmt::format("{{from: {}}}", row.default_from),
          form_of(row),
          meaning_of(row),
          [&row](const Value& value, RunOptions& options) { read_refine(value, row, options); },
          numbers_of(row),
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
