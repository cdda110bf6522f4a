#include "src/workflow/options/unknown_word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "src/base/words.hpp"

namespace tessera {
namespace {

/// Commands, options and keys of the interface that this version does not have: who follows its description should not
/// look for a slip of the hand.
constexpr std::array<std::string_view, 11> not_yet = {"plan",
                                                      "calibrate",
                                                      "schema",
                                                      "--restart",
                                                      "--checkpoint-dir",
                                                      "--max-time",
                                                      "--reproducible",
                                                      "--log-view",
                                                      "run.patterns",
                                                      "run.checkpoint_every",
                                                      "run.checkpoints_kept"};

bool is_not_yet(std::string_view word) { return std::ranges::find(not_yet, word) != not_yet.end(); }

std::string parent_of(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

std::string name_of(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

/// A slip of the hand, or a name without its unit.
bool is_near(const std::string& word, const std::string& name) {
  constexpr std::size_t shortest = 3;
  if (word.size() >= shortest && (name.starts_with(word + "_") || word.starts_with(name + "_"))) return true;
  return edit_distance(word, name) <= std::max<std::size_t>(word.size() < 5 ? 1 : 2, word.size() / 4);
}

}  // namespace

std::string unknown_key_hint(const std::string& key, const std::vector<std::string>& known) {
  if (is_not_yet(key)) return "this version has none";
  constexpr std::size_t longest = 100;  // no key is longer, and distances cost its square
  const std::string parent = parent_of(key), name = name_of(key);
  std::set<std::string> all(known.begin(), known.end());  // with all sections
  for (const std::string& one : known)
    for (std::string section = parent_of(one); !section.empty(); section = parent_of(section)) all.insert(section);
  std::string nearest;
  std::size_t smallest = longest;
  for (const std::string& candidate : all) {
    if (key.size() > longest || parent_of(candidate) != parent || !is_near(name, name_of(candidate))) continue;
    const std::size_t distance = edit_distance(name, name_of(candidate));
    if (distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  if (nearest.empty())
    for (const std::string& candidate : all)
      if (name_of(candidate) == name) nearest = candidate;
  return nearest.empty() ? "`tessera manual` prints all keys" : "did you mean " + nearest + "?";
}

std::string unknown_words_text(const std::vector<std::string>& words, bool has_command) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  const std::string first = words.empty() ? "" : words.front().substr(0, words.front().find('='));
  const char* const kind = !has_command && !first.starts_with('-') ? "command" : "option";
  if (is_not_yet(first)) return fmt::format("this version has no {} {}", kind, first);
  return fmt::format("{} is not {}; see tessera {}--help", shown(all),
                     has_command ? "expected here" : fmt::format("a {} of tessera", kind),
                     has_command ? "COMMAND " : "");
}

}  // namespace tessera
