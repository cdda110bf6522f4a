#include "src/workflow/options/yaml_file.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <string_view>

#include "src/base/words.hpp"

namespace tessera {
namespace {

using PlaceOfLine = std::function<std::string(int)>;

/// Copies a tree. Aliases are copied out, so that a short text may stand for a tree without end: both its depth and the
/// number of its nodes are bounded, far above what a run file holds.
class Converter {
 public:
  explicit Converter(const PlaceOfLine& place_of) : place_of_(place_of) {}
  YamlNode convert(const YAML::Node& from, const std::string& place, const std::string& path);

 private:
  static constexpr std::size_t most_nodes_ = 100000, most_depth_ = 20;
  const PlaceOfLine& place_of_;
  std::size_t nodes_ = 0, depth_ = 0;
};

YamlNode Converter::convert(const YAML::Node& from, const std::string& place, const std::string& path) {
  if (++nodes_ > most_nodes_)
    throw_run_file(
        fmt::format("{} holds more than {} values once its aliases (*name) are written out; a run file has "
                    "some hundred ({})",
                    path.empty() ? "it" : shown(path), most_nodes_, place));
  if (++depth_ > most_depth_)
    throw_run_file(
        fmt::format("{} lies more than {} levels deep, or an alias (*name) holds itself; a run file has five "
                    "levels ({})",
                    shown(path), most_depth_, place));
  YamlNode node;
  node.place = place;
  if (from.IsScalar()) {
    node.kind = YamlNode::Kind::scalar;
    node.scalar = from.Scalar();
    node.quoted = from.Tag() == "!";
  } else if (from.IsSequence()) {
    node.kind = YamlNode::Kind::list;
    for (const auto& item : from)
      node.items.push_back(convert(item, place_of_(item.Mark().line), fmt::format("{}[{}]", path, node.items.size())));
  } else if (from.IsMap()) {
    node.kind = YamlNode::Kind::map;
    for (const auto& pair : from) {
      const std::string where = place_of_(pair.first.Mark().line);
      const std::string below = path.empty() ? "" : shown(path) + ": ";
      if (!pair.first.IsScalar()) throw_run_file(fmt::format("{}a key is not a word ({})", below, where));
      const std::string name = pair.first.Scalar();
      const std::string child = path.empty() ? name : fmt::format("{}.{}", path, name);
      if (node.member(name)) throw_run_file(fmt::format("the key {} is given twice ({})", shown(child), where));
      node.members.push_back({name, convert(pair.second, where, child)});
    }
  }
  --depth_;
  return node;
}

/// YAML lets quoted text run over lines, and one that is not closed swallows the keys that follow. Values of a run file
/// have one line: the quote that opens and does not end on its line is the mistake, and is named.
void check_quotes(const std::string& text, const PlaceOfLine& place_of) {
  char quote = 0, before = '\n';  // `before`: the last character that is no blank
  bool blank = true;              // the character before is a blank
  int line = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool ends = i == text.size() || text[i] == '\n';
    if (ends && quote != 0)
      throw_run_file(fmt::format("a quote {} is opened and not closed on its line ({})", quote, place_of(line)));
    if (ends) {
      before = '\n';
      blank = true;
      ++line;
      continue;
    }
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
    } else if (c == '#' && blank) {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if ((c == '"' || c == '\'') &&
               (before == '\n' || std::string_view(":,[{-").find(before) != std::string::npos)) {
      quote = c;
    }
    blank = c == ' ' || c == '\t';
    if (!blank) before = c;
  }
}

/// Notes where the documents of a text begin.
class Beginnings : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  std::vector<YAML::Mark> marks;
};

/// There is one. YAML::LoadAll would go on for ever at a comma or a bracket with which a document begins: yaml-cpp
/// takes it for the start of one empty document after the other.
void check_documents(const std::string& text, const PlaceOfLine& place_of) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Beginnings beginnings;
  if (!parser.HandleNextDocument(beginnings) || !parser.HandleNextDocument(beginnings)) return;
  const YAML::Mark &first = beginnings.marks.front(), &second = beginnings.marks.back();
  if (first.pos == second.pos)
    throw_run_file(fmt::format("not valid YAML: a comma or bracket where a value begins ({})", place_of(second.line)));
  throw_run_file(fmt::format("a second document begins after a line --- or ...; a run file is one document ({})",
                             place_of(second.line)));
}

/// `path` is the key that the text is the value of.
YamlNode parse(const std::string& text, const PlaceOfLine& place_of, const std::string& path) {
  constexpr std::size_t most_bytes = 1 << 20;
  if (text.size() > most_bytes)
    throw_run_file(fmt::format("{} bytes are no run file, which has some thousand ({})", text.size(), place_of(0)));
  check_quotes(text, place_of);
  try {
    check_documents(text, place_of);
    return Converter(place_of).convert(YAML::Load(text), place_of(0), path);
  } catch (const YAML::Exception& error) {
    throw_run_file(fmt::format("not valid YAML: {} ({})", shown(error.msg), place_of(error.mark.line)));
  }
}

/// "a[0].b" to "a", "[0]", "b".
std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '.' || (c == '[' && !parts.back().empty())) parts.emplace_back();
    if (c != '.') parts.back() += c;
  }
  return parts;
}

/// The item "[i]" of a list or the member of a map; nothing where there is none.
YamlNode* child(YamlNode& node, std::string_view part) {
  if (part.size() < 3 || part.front() != '[' || part.back() != ']') {
    for (auto& [name, member] : node.members) {
      if (name == part) return &member;
    }
    return nullptr;
  }
  std::size_t position = 0;
  for (const char c : part.substr(1, part.size() - 2)) {
    if (c < '0' || c > '9' || position > node.items.size()) return nullptr;
    position = 10 * position + static_cast<std::size_t>(c - '0');
  }
  return position < node.items.size() ? &node.items[position] : nullptr;
}

/// Whether a value comes from where no line of the run file says it: --set, the data's file, a program.
bool is_assigned(const std::string& place) {
  return !place.empty() && place != "default" &&
         (place.starts_with("file: ") || place.find(" line ") == std::string::npos);
}

/// Where those parts of a node come from, each place once.
void add_assigned_places(const YamlNode& node, std::vector<std::string>& places) {
  if (is_assigned(node.place) && std::ranges::count(places, node.place) == 0) places.push_back(node.place);
  for (const YamlNode& item : node.items) add_assigned_places(item, places);
  for (const auto& [name, member] : node.members) add_assigned_places(member, places);
}

std::string scalar_text(const YamlNode& node) {
  const std::string& text = node.scalar;
  const bool plain = !node.quoted && !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                     text.find_first_of(",[]{}#&*!|>'\"%@`\\\n\t") == std::string::npos &&
                     text.find(": ") == std::string::npos && text.back() != ':' && text != "-" && text != "?";
  if (plain) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + "\"";
}

}  // namespace

void throw_run_file(const std::string& message) { throw InputError(ExitCode::run_file, message, true); }

const YamlNode* YamlNode::member(const std::string& name) const {
  for (const auto& [key, node] : members) {
    if (key == name) return &node;
  }
  return nullptr;
}

YamlNode parse_yaml(const std::string& text, const std::string& name) {
  if (text.find('\0') != std::string::npos)
    throw_run_file(fmt::format("{} holds zero bytes, as UTF-16 does; save it as UTF-8", name));
  YamlNode root = parse(
      text, [&](int line) { return fmt::format("{} line {}", name, line + 1); }, "");
  if (root.is_null()) root.kind = YamlNode::Kind::map;
  if (root.kind != YamlNode::Kind::map) throw_run_file(fmt::format("{} must be a map of keys and values", name));
  return root;
}

YamlNode parse_yaml_value(const std::string& text, const std::string& place, const std::string& path) {
  return parse(
      text, [&](int) { return place; }, path);
}

const YamlNode* find_yaml(const YamlNode& root, const std::string& path) {
  auto* node = const_cast<YamlNode*>(&root);  // nothing below writes to it
  for (std::string_view rest = path; node && !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of(".[", 1), rest.size());
    node = child(*node, rest.substr(0, end));
    rest.remove_prefix(std::min(end + (rest.substr(end).starts_with(".") ? 1 : 0), rest.size()));
  }
  return node;
}

void put_yaml(YamlNode& root, const std::string& key, YamlNode value, const std::string& asker) {
  YamlNode* node = &root;
  for (const std::string& part : split_path(key)) {
    YamlNode* next = child(*node, part);
    if (!next) {
      if ((!node->is_null() && node->kind != YamlNode::Kind::map) || part.front() == '[')
        throw_run_file(fmt::format("{}: there is no {} to set in {}", asker, shown(part), shown(yaml_text(*node))));
      node->kind = YamlNode::Kind::map;
      node->members.push_back({part, {}});
      next = &node->members.back().node;
      next->place = value.place;
    }
    node = next;
  }
  *node = std::move(value);
}

void set_yaml(YamlNode& root, const std::string& assignment, const std::string& place) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError(ExitCode::usage, fmt::format("--set {} must have the form key=value", shown(assignment)), true);
  }
  const std::string key = assignment.substr(0, equals);
  const std::vector<std::string> parts = split_path(key);
  if (std::ranges::any_of(parts, &std::string::empty))
    throw InputError(
        ExitCode::usage,
        fmt::format("--set {}: a key is names with one dot between two, as solve.iterations", shown(assignment)), true);
  put_yaml(root, key, parse_yaml_value(assignment.substr(equals + 1), place, key), "--set " + shown(assignment));
}

std::string yaml_text(const YamlNode& node) {
  if (node.is_null()) return "null";
  if (node.kind == YamlNode::Kind::scalar) return scalar_text(node);
  const bool is_list = node.kind == YamlNode::Kind::list;
  std::string text;
  for (const YamlNode& item : node.items) text += (text.empty() ? "" : ", ") + yaml_text(item);
  for (const auto& [name, member] : node.members) text += (text.empty() ? "" : ", ") + name + ": " + yaml_text(member);
  return (is_list ? "[" : "{") + text + (is_list ? "]" : "}");
}

std::string yaml_place(const YamlNode& node) {
  std::vector<std::string> places;
  add_assigned_places(node, places);
  std::string text = node.place;
  for (const std::string& place : places)
    if (place != node.place) text += ", " + place;
  return text;
}

}  // namespace tessera
