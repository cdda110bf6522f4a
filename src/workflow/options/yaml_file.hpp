#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/index.hpp"

namespace tessera {

struct YamlMember;

/// One node of a YAML text, with the place it came from: "run.yaml line 12", "--set" or "default".
struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string scalar;
  bool quoted = false;
  std::vector<YamlNode> items;      ///< of a list
  std::vector<YamlMember> members;  ///< of a map, in the order of the text
  std::string place;

  bool is_null() const { return kind == Kind::null; }
  const YamlNode* member(const std::string& name) const;
};

/// One key of a map and what it holds.
struct YamlMember {
  std::string name;
  YamlNode node;
};

/// The tree of a run file; duplicate keys, a second document, more than any run needs and broken YAML are errors with
/// their line. `name` is the file's name.
YamlNode parse_yaml(const std::string& text, const std::string& name);

/// The tree of a text of one line, the value of the key `path`, whose nodes all come from `place`.
YamlNode parse_yaml_value(const std::string& text, const std::string& place, const std::string& path = "");

/// Puts the value of an assignment "a.b=c" or "a[0].b=c" into the tree, creating the maps on the way; `place` says
/// where it comes from.
void set_yaml(YamlNode& root, const std::string& assignment, const std::string& place = "--set");

/// The node at "a.b" or "a[0].b", or nothing.
const YamlNode* find_yaml(const YamlNode& root, const std::string& path);

/// The node in YAML's one-line form, with quotes where they are needed.
std::string yaml_text(const YamlNode& node);

/// The place of a node; ", --set" follows where only a part of it was set on the command line.
std::string yaml_place(const YamlNode& node);

/// An error about a run file, in one line; every rank reads the same text, so that all throw it.
[[noreturn]] void throw_run_file(const std::string& message);

/// An interval of allowed numbers, as the user writes them. It always ends on both sides: what no instrument and no
/// machine can do is a slip of the hand, and is refused where it is read.
struct Limit {
  double low;
  double high;
  bool low_included = true;

  bool holds(double value) const;
  std::string text() const;  ///< "from 0 up to 1", "above 0 up to 1", or "1" alone
};

/// A node with its key and unit. Every reader throws one line: key, value, unit, what is allowed, place.
class Value {
 public:
  Value(std::string key, std::string unit, const YamlNode& node)
      : key_(std::move(key)), unit_(std::move(unit)), node_(&node) {}

  const std::string& key() const { return key_; }
  const YamlNode& node() const { return *node_; }
  bool is_null() const { return node_->is_null(); }
  bool is_list() const { return node_->kind == YamlNode::Kind::list; }
  bool is_map() const { return node_->kind == YamlNode::Kind::map; }

  double number(const Limit& limit) const;
  Index integer(const Limit& limit) const;
  bool boolean() const;
  std::string text() const;
  std::vector<Value> items() const;  ///< of a list
  /// The place of `word` among `words`.
  std::size_t choice(const std::vector<std::string>& words) const;
  [[noreturn]] void reject(const std::string& must_be) const;

 private:
  std::string key_;
  std::string unit_;
  const YamlNode* node_;
};

/// "a, b or c".
std::string any_of(const std::vector<std::string>& words);

}  // namespace tessera
