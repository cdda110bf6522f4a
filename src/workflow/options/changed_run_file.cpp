#include <algorithm>
#include <filesystem>

#include "src/base/words.hpp"
#include "src/workflow/options/options_table.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using Kind = OptionEntry::Kind;

/// The map that holds the last name of "a.b.c", and that name; nothing where there is none.
std::pair<YamlNode*, std::string> holder_of(YamlNode& root, const std::string& key) {
  YamlNode* node = &root;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    const std::string name = key.substr(begin, dot - begin);
    const auto found = std::ranges::find(node->members, name, &YamlMember::name);
    if (found == node->members.end()) return {nullptr, ""};
    node = &found->node;
    begin = dot + 1;
  }
  return {node, key.substr(begin)};
}

void drop(YamlNode& root, const std::string& key) {
  const auto holder = holder_of(root, key);
  if (holder.first == nullptr) return;
  std::erase_if(holder.first->members, [&](const YamlMember& member) { return member.name == holder.second; });
}

void resolve_files(YamlNode& root, const std::string& base) {
  for (const OptionEntry& entry : option_table()) {
    if (entry.kind != Kind::path && entry.kind != Kind::dataset) continue;
    const auto [holder, name] = holder_of(root, entry.key);
    if (holder == nullptr) continue;
    const auto found = std::ranges::find(holder->members, name, &YamlMember::name);
    if (found != holder->members.end()) resolve_file(found->node, entry.kind, base);
  }
}

}  // namespace

YamlNode parse_tree(const std::string& text, const std::string& path, const std::vector<std::string>& sets) {
  YamlNode root = parse_yaml(text, fs::path(path).filename().string());
  for (const std::string& assignment : sets) set_yaml(root, assignment);
  return root;
}

void resolve_file(YamlNode& node, Kind kind, const std::string& base) {
  if (kind == Kind::dataset) {
    for (auto& [name, member] : node.members) {
      if (name == "file") resolve_file(member, Kind::path, base);
    }
  } else if (kind == Kind::path && node.kind == YamlNode::Kind::scalar && !node.scalar.empty()) {
    if (node.scalar.starts_with("~"))
      throw_run_file(
          fmt::format("{} is read as it is: ~ is the home folder for a shell only; write the whole path ({})",
                      shown(node.scalar), node.place));
    node.scalar = (fs::path(base) / node.scalar).lexically_normal().string();
  }
}

std::string changed_run_file(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                             const RunFileChanges& changes) {
  YamlNode root = parse_tree(text, path, sets);
  resolve_files(root, fs::absolute(path).parent_path().string());
  for (const std::string& key : changes.dropped) drop(root, key);
  for (const auto& [key, value] : changes.values) set_yaml(root, fmt::format("{}={}", key, value));
  std::string yaml;
  for (const auto& [name, section] : root.members) {
    if (section.kind != YamlNode::Kind::map) {
      yaml += fmt::format("{}: {}\n", name, yaml_text(section));
      continue;
    }
    if (section.members.empty()) continue;
    yaml += name + ":\n";
    for (const auto& [key, value] : section.members) yaml += fmt::format("  {}: {}\n", key, yaml_text(value));
  }
  return yaml;
}

}  // namespace tessera
