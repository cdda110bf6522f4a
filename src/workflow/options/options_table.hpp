#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/workflow/options/options.hpp"
#include "src/workflow/options/yaml_file.hpp"

namespace tessera {

/// Where a key holds a number, and between which ends: the key, or one below it, and its value with VALUE for the
/// number.
struct NumberRange {
  std::string key;
  Limit limit;
  std::string form = "VALUE";
};

/// One key of a run file. The table of them serves the YAML reader, --set, --print-config and `tessera manual`.
struct OptionEntry {
  enum class Kind { leaf, path, dataset, tree };  ///< path: a file; dataset: {file, dataset}; tree: owns what is below

  std::string key;           ///< "beam.energy_keV"; "regularisers[].kind" is in every item of a list
  std::string unit;          ///< as the user writes it; empty: none
  std::string default_text;  ///< YAML, read like any other value
  std::string allowed;
  std::string meaning;
  std::function<void(const Value&, RunOptions&)> read;  ///< converts to the program's units
  std::vector<NumberRange> numbers = {};                ///< every number that may stand there
  Kind kind = Kind::leaf;
  std::function<std::string(const RunOptions&)> computed_default = nullptr;  ///< where it follows from keys read before
  YamlNode default_node = {};  ///< default_text, which the table parses once for all run files
};

/// Every key in the order of reading and of the manual.
const std::vector<OptionEntry>& option_table();

/// resolved_yaml of the tree of the run file at `path`.
std::string resolved_yaml(YamlNode root, const std::string& path, Command command);

/// The tree of the text of the run file at `path`, changed by the assignments of --set.
YamlNode parse_tree(const std::string& text, const std::string& path, const std::vector<std::string>& sets);

/// Makes the file name of a path or of {file, dataset} absolute; `base` is the folder of the run file.
void resolve_file(YamlNode& node, OptionEntry::Kind kind, const std::string& base);

namespace detail {

std::vector<OptionEntry> data_entries();
std::vector<OptionEntry> beam_entries();
std::vector<OptionEntry> solve_entries();
/// One entry for each unknown, made from its row.
std::vector<OptionEntry> refine_entries();
/// The entries of one item of the list `regularisers`: each writes to the last one.
std::vector<OptionEntry> regulariser_entries();
std::vector<OptionEntry> sample_entries();
std::vector<OptionEntry> simulate_entries();
std::vector<OptionEntry> calibrate_entries();
std::vector<OptionEntry> preprocess_entries();

}  // namespace detail
}  // namespace tessera
