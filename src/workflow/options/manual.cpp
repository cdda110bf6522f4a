#include "src/workflow/options/manual.hpp"

#include <fmt/format.h>

#include "src/workflow/options/options_table.hpp"

namespace tessera {
namespace {

constexpr const char* introduction =
    "Keys of a run file (YAML). `--set key=value` changes a key for one run; --print-config shows the values in use\n"
    "and where each came from. File names are relative to the run file, in --set as well. Pairs are [y, x]; where a\n"
    "pair is expected, one number stands for both. Null means: not given. What is \"not for\n"
    "simulate\" is refused there.\n";

}  // namespace

std::string manual_text() {
  std::string text = introduction;
  std::string previous;
  for (const OptionEntry& entry : option_table()) {
    const std::string section = entry.key.substr(0, entry.key.find('.'));
    if (section != previous)
      text += fmt::format("\n{}\n", section == "regularisers[]" ? "regularisers (a list)" : section);
    previous = section;
    text +=
        fmt::format("  {}{}\n      {}\n", entry.key, entry.unit.empty() ? "" : " [" + entry.unit + "]", entry.meaning);
    text += fmt::format("      allowed: {}; default: {}\n", entry.allowed, entry.default_text);
  }
  return text;
}

}  // namespace tessera
