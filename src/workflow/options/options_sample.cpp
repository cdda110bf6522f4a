#include "src/workflow/options/options_entry.hpp"

namespace tessera::detail {

namespace {

OptionEntry simulation_entry() {
  return {"sample.is_simulation",
          "",
          "null",
          "null, true or false",
          "whether it is a model: its patterns are simulated; null: false",
          [](const Value& value, RunOptions& options) {
            options.sample.is_simulation.reset();
            if (!value.is_null()) options.sample.is_simulation = value.boolean();
          }};
}

}  // namespace

std::vector<OptionEntry> sample_entries() {
  constexpr const char* time = "null or a time as 2026-05-04T10:30:00+02:00";
  return {
      text_entry(
          {"sample.file", "", "null",
           "YAML file, as of an electronic lab notebook, that says what the other keys of this section say, alone or "
           "in "
           "a section `sample`; those in the run file go before it"},
          "null or a file", [](auto& o) -> auto& { return o.sample.file; }, OptionEntry::Kind::path),
      text_entry(
          {"sample.name", "", "null", "the specimen, in a word or two"}, "null or a text",
          [](auto& o) -> auto& { return o.sample.name; }),
      text_entry(
          {"sample.description", "", "null", "what else there is to say of it"}, "null or a text",
          [](auto& o) -> auto& { return o.sample.description; }),
      list_entry(
          {"sample.atom_types", "", "[]",
           "elements in it; with preparation_date the result gets a second entry, NXem, that tells of the sample"},
          "a list of elements, as [Mo, S]", [](RunOptions& o) { o.sample.atom_types.clear(); },
          [](const Value& element, RunOptions& o) { o.sample.atom_types.push_back(element.text()); }),
      text_entry(
          {"sample.preparation_date", "", "null", "when it was prepared"}, time,
          [](auto& o) -> auto& { return o.sample.preparation_date; }),
      text_entry(
          {"sample.start_time", "", "null", "when it was measured; null: when the run began"}, time,
          [](auto& o) -> auto& { return o.sample.start_time; }),
      simulation_entry(),
  };
}

}  // namespace tessera::detail
