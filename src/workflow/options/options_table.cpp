#include "src/workflow/options/options_table.hpp"

namespace tessera {

const std::vector<OptionEntry>& option_table() {
  static const std::vector<OptionEntry> table = [] {
    std::vector<OptionEntry> entries;
    // In the order of the manual.
    const std::initializer_list<std::vector<OptionEntry> (*)()> parts{
        detail::data_entries,     detail::beam_entries,       detail::solve_entries,     detail::sample_entries,
        detail::simulate_entries, detail::preprocess_entries, detail::calibrate_entries,
    };
    for (auto* part : parts) {
      for (OptionEntry& entry : part()) {
        entry.default_node = parse_yaml_value(entry.default_text, "default");
        entries.push_back(std::move(entry));
      }
    }
    return entries;
  }();
  return table;
}

}  // namespace tessera
