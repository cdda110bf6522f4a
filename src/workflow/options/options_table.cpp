#include "src/workflow/options/options_table.hpp"

namespace tessera {

const std::vector<OptionEntry>& option_table() {
  static const std::vector<OptionEntry> table = [] {
    std::vector<OptionEntry> entries;
    for (auto* part : {detail::data_entries, detail::beam_entries, detail::solve_entries, detail::simulate_entries,
                       detail::preprocess_entries}) {
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
