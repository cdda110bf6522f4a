#include "src/workflow/options/options.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "src/base/file_kind.hpp"
#include "src/base/words.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/options/options_check.hpp"
#include "src/workflow/options/options_table.hpp"
#include "src/workflow/options/unknown_word.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using Kind = OptionEntry::Kind;

/// A key with its value in YAML and the place that the value came from.
struct ResolvedKey {
  std::string key;
  std::string text;
  std::string place;
};

struct RunFile {
  YamlNode root;
  RunOptions options;
  std::vector<ResolvedKey> resolved;
};

/// "a[3].b" to "a[].b", as the table writes it.
std::string table_key(const std::string& path) {
  std::string key;
  for (const char c : path) {
    if (c < '0' || c > '9' || key.empty() || key.back() != '[') key += c;
  }
  return key;
}

enum class Known { no, section, list, value, tree };

Known known_as(const std::string& key) {
  Known result = Known::no;
  for (const OptionEntry& entry : option_table()) {
    if (entry.key == key) return entry.kind == Kind::leaf || entry.kind == Kind::path ? Known::value : Known::tree;
    if (!entry.key.starts_with(key)) continue;
    const std::string_view rest = std::string_view(entry.key).substr(key.size());
    if (rest.starts_with(".")) result = Known::section;
    if (rest.starts_with("[].")) result = Known::list;
  }
  return result;
}

[[noreturn]] void unknown_key(const std::string& path, const std::string& place) {
  std::vector<std::string> names;
  for (const OptionEntry& entry : option_table()) names.push_back(entry.key);
  throw_run_file(fmt::format("unknown key {} ({}); {}", shown(path), place, unknown_key_hint(table_key(path), names)));
}

/// Every key must be in the table, every section a map. `path` is empty for the root.
void check_keys(const YamlNode& node, const std::string& path) {
  for (const auto& [name, member] : node.members) {
    const std::string child = path.empty() ? name : fmt::format("{}.{}", path, name);
    if (name.find('.') != std::string::npos)
      throw_run_file(
          fmt::format("the key {} has a dot ({}); write {} as sections, each below the one before it, or give "
                      "it with --set",
                      shown(name), member.place, shown(child)));
    const Known known = known_as(table_key(child));
    if (known == Known::no) unknown_key(child, member.place);
    if (known == Known::section) {
      if (!member.is_null() && member.kind != YamlNode::Kind::map) {
        Value(child, "", member).reject("a section with keys below it");
      }
      check_keys(member, child);
    }
    if (known == Known::list) {
      if (!member.is_null() && member.kind != YamlNode::Kind::list) Value(child, "", member).reject("a list of maps");
      for (const Value& item : Value(child, "", member).items()) {
        if (!item.is_map()) item.reject("a map");
        check_keys(item.node(), item.key());
      }
    }
  }
}

/// Reads the value at `path`, or the entry's default, into the options and the resolved keys.
void read_entry(const OptionEntry& entry, const std::string& path, const fs::path& base, RunFile& file) {
  const YamlNode* given = find_yaml(file.root, path);
  YamlNode changed;
  if (given && entry.kind != Kind::leaf) {
    changed = *given;
    resolve_file(changed, entry.kind, base.string());
  } else if (!given && entry.computed_default) {
    changed = parse_yaml_value(entry.computed_default(file.options), "default");
  }
  const bool as_it_is = given ? entry.kind == Kind::leaf : !entry.computed_default;
  const YamlNode& node = !as_it_is ? changed : given ? *given : entry.default_node;
  entry.read(Value(path, entry.unit, node), file.options);
  file.resolved.push_back({path, yaml_text(node), yaml_place(node)});
}

/// Reads the items of the list `regularisers`, each with the entries of the table from `first` to `last`.
void read_regularisers(const OptionEntry* first, const OptionEntry* last, const fs::path& base, RunFile& file) {
  const YamlNode* list = find_yaml(file.root, "regularisers");
  const std::size_t count = list ? list->items.size() : 0;
  if (count == 0) file.resolved.push_back({"regularisers", "[]", list ? list->place : "default"});
  for (std::size_t i = 0; i < count; ++i) {
    file.options.regularisers.emplace_back();
    for (const OptionEntry* entry = first; entry != last; ++entry) {
      const std::string name = entry->key.substr(entry->key.find("[]") + 2);
      const std::string path = fmt::format("regularisers[{}]{}", i, name);
      const YamlNode* given = find_yaml(file.root, path);
      if ((!given || given->is_null()) && entry->default_text == "null") {
        throw_run_file(fmt::format("{} is missing; it must be given ({})", path, list->items[i].place));
      }
      read_entry(*entry, path, base, file);
    }
  }
}

RunFile read_tree(YamlNode root, const std::string& path, Command command, const FoundInFile& found) {
  const fs::path folder = fs::absolute(path).parent_path();
  RunFile file{.root = std::move(root), .options = {}, .resolved = {}};
  check_keys(file.root, "");
  fill_found(file.root, found);
  const auto& table = option_table();
  for (const OptionEntry *entry = table.data(), *end = entry + table.size(); entry != end; ++entry) {
    if (entry->key.find("[]") == std::string::npos) {
      read_entry(*entry, entry->key, folder, file);
    } else {
      const OptionEntry* last = entry;
      while (last != end && last->key.find("[]") != std::string::npos) ++last;
      read_regularisers(entry, last, folder, file);
      entry = last - 1;
    }
  }
  check_run_options(file.options, file.root, command, found);
  return file;
}

/// The key without its last name, and that name.
std::pair<std::string, std::string> split_key(const std::string& key) {
  const auto dot = key.rfind('.');
  if (dot == std::string::npos) return {"", key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

/// The head lines of the sections that `section` opens after `previous`.
std::string section_heads(const std::string& section, const std::string& previous) {
  std::string text;
  std::size_t depth = 0;
  for (std::size_t begin = 0; begin < section.size(); ++depth) {
    const std::size_t end = std::min(section.find('.', begin), section.size());
    const std::string name = section.substr(begin, end - begin);
    const std::string whole = section.substr(0, end);
    const auto bracket = name.find('[');
    const bool opened = (previous + ".").starts_with(whole + ".");
    const bool first_of_list = bracket != std::string::npos && name.substr(bracket) == "[0]";
    if (!opened && (bracket == std::string::npos || first_of_list)) {
      text += std::string(2 * depth, ' ') + name.substr(0, bracket) + ":\n";
    }
    begin = end + 1;
  }
  return text;
}

}  // namespace

const char* command_word(Command command) {
  switch (command) {
    case Command::simulate:
      return "simulate";
    case Command::preprocess:
      return "preprocess";
    case Command::calibrate:
      return "calibrate";
    default:
      return "reconstruct";
  }
}

std::string read_run_file(const std::string& path) {
  std::error_code error;
  std::ifstream file(path);
  if (fs::is_directory(path, error) || !file) {
    throw InputError(ExitCode::data_missing, fmt::format("the run file {} does not exist or cannot be read", path));
  }
  // A pipe may hold a run file (a shell's <(...)), and cannot be looked into twice.
  const std::string kind = is_regular_file(path) ? file_kind(path) : "a text file";
  if (kind != "a text file" && kind != "an empty file" && kind != "a file of an unknown format")
    throw InputError(ExitCode::run_file,
                     fmt::format("{} is {}; a run file is YAML, and names the data as data.file", path, kind));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string read_run_file(const Comm& comm, const std::string& path) {
  std::string text;
  comm.agree([&] {
    if (comm.is_root()) text = read_run_file(path);
  });
  comm.broadcast(text);
  return text;
}

RunOptions parse_run_options(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                             Command command, const FoundInFile& found) {
  return read_tree(parse_tree(text, path, sets), path, command, found).options;
}

DataOptions parse_data_options(const std::string& text, const std::string& path, const std::vector<std::string>& sets) {
  const fs::path folder = fs::absolute(path).parent_path();
  RunFile file{.root = parse_tree(text, path, sets), .options = {}, .resolved = {}};
  check_keys(file.root, "");
  for (const OptionEntry& entry : option_table())
    if (entry.key.starts_with("data.")) read_entry(entry, entry.key, folder, file);
  return file.options.data;
}

std::optional<std::string> given_value(const std::string& text, const std::string& path,
                                       const std::vector<std::string>& sets, const std::string& key) {
  const YamlNode root = parse_tree(text, path, sets);
  const YamlNode* node = find_yaml(root, key);
  return node == nullptr ? std::nullopt : std::optional(yaml_text(*node));
}

std::vector<std::string> told_by_file(const std::string& text, const std::string& path,
                                      const std::vector<std::string>& sets, Command command, const FoundInFile& found) {
  std::vector<std::string> lines;
  const std::string mark = "file: ";
  for (const ResolvedKey& key : read_tree(parse_tree(text, path, sets), path, command, found).resolved)
    if (const auto at = key.place.find(mark); at != std::string::npos)
      lines.push_back(fmt::format("from the file: {}: {} ({})", key.key, key.text, key.place.substr(at + mark.size())));
  lines.insert(lines.end(), found.notes.begin(), found.notes.end());
  return lines;
}

RunOptions load_run_options(const std::string& path, const std::vector<std::string>& sets, Command command) {
  return parse_run_options(read_run_file(path), path, sets, command);
}

std::string resolved_yaml(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                          Command command, const FoundInFile& found) {
  return resolved_yaml(parse_tree(text, path, sets), path, command, found);
}

std::string resolved_yaml(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                          const std::vector<FoundValue>& values, Command command, const FoundInFile& found) {
  YamlNode root = parse_tree(text, path, sets);
  for (const auto& [assignment, place] : values) set_yaml(root, assignment, place);
  return resolved_yaml(std::move(root), path, command, found);
}

std::string resolved_yaml(YamlNode root, const std::string& path, Command command, const FoundInFile& found) {
  std::string yaml;
  std::string previous;
  for (const ResolvedKey& entry : read_tree(std::move(root), path, command, found).resolved) {
    const auto [section, name] = split_key(entry.key);
    yaml += section_heads(section, previous);
    const bool in_list = section.ends_with("]");
    const auto depth = std::count(section.begin(), section.end(), '.') + (section.empty() ? 0 : 1);
    std::string line = std::string(static_cast<std::size_t>(2 * depth), ' ');
    if (in_list) line += section == previous ? "  " : "- ";
    line += fmt::format("{}: {}", name, entry.text);
    yaml += fmt::format("{:<47} # {}\n", line, entry.place);
    previous = section;
  }
  return yaml;
}

}  // namespace tessera
