#pragma once

#include <limits>
#include <utility>

#include "src/base/units.hpp"
#include "src/workflow/options/options_table.hpp"

/// Builders of table entries: `access` is a function from RunOptions to the reference that the value is written to.
namespace tessera::detail {

/// What every entry says about itself.
struct EntryText {
  std::string key;
  std::string unit;
  std::string default_text;
  std::string meaning;
};

/// A table entry of these texts; `read` takes the value, `numbers` are those that may stand in it.
inline OptionEntry entry(const EntryText& text, const std::string& allowed,
                         std::function<void(const Value&, RunOptions&)> read, std::vector<NumberRange> numbers = {},
                         OptionEntry::Kind kind = OptionEntry::Kind::leaf) {
  return {text.key, text.unit, text.default_text, allowed, text.meaning, std::move(read), std::move(numbers), kind};
}

inline void assign(const Value& value, double& target, const Limit& limit, double factor) {
  target = value.number(limit) * factor;
}
inline void assign(const Value& value, Index& target, const Limit& limit, double) { target = value.integer(limit); }
inline void assign(const Value& value, int& target, const Limit& limit, double) {
  TESSERA_ASSERT(limit.high <= std::numeric_limits<int>::max(), limit.high);
  target = static_cast<int>(value.integer(limit));
}

/// A pair (y, x), or one number for both.
template <class T>
void assign(const Value& value, std::array<T, 2>& target, const Limit& limit, double factor) {
  if (value.is_list()) {
    const std::vector<Value> items = value.items();
    if (items.size() != 2) value.reject("one number or a pair [y, x]");
    for (std::size_t i = 0; i < 2; ++i) assign(items[i], target[i], limit, factor);
  } else {
    assign(value, target[0], limit, factor);
    target[1] = target[0];
  }
}

template <class T>
void assign(const Value& value, std::optional<T>& target, const Limit& limit, double factor) {
  target.reset();
  if (!value.is_null()) assign(value, target.emplace(), limit, factor);
}

/// A number or a pair of them; where null is the default, null leaves the target empty or zero.
template <class Access>
OptionEntry number_entry(EntryText text, const Limit& limit, Access access, double factor = 1) {
  const bool may_be_null = text.default_text == "null";
  return entry(text, limit.text(),
               [=](const Value& value, RunOptions& options) {
                 if (may_be_null && value.is_null()) {
                   access(options) = {};
                 } else {
                   assign(value, access(options), limit, factor);
                 }
               },
               {{text.key, limit}});
}

template <class Access>
OptionEntry bool_entry(EntryText text, Access access) {
  return entry(text, "true or false",
               [=](const Value& value, RunOptions& options) { access(options) = value.boolean(); });
}

/// A text; where null is the default, null leaves the target empty.
template <class Access>
OptionEntry text_entry(EntryText text, const std::string& allowed, Access access,
                       OptionEntry::Kind kind = OptionEntry::Kind::leaf) {
  const bool may_be_null = text.default_text == "null";
  return entry(
      text, allowed,
      [=](const Value& value, RunOptions& options) {
        auto& target = access(options);
        target = {};
        if (!may_be_null || !value.is_null()) target = value.text();
      },
      {}, kind);
}

/// One of some words, each with the value it stands for.
template <class Enum, class Access>
OptionEntry choice_entry(EntryText text, std::vector<std::pair<std::string, Enum>> choices, Access access) {
  std::vector<std::string> words;
  words.reserve(choices.size());
  for (const auto& choice : choices) words.push_back(choice.first);
  return entry(text, any_of(words),
               [=](const Value& value, RunOptions& options) { access(options) = choices[value.choice(words)].second; });
}

/// A list: `begin` empties what the target holds, `add` takes each item.
template <class Begin, class Add>
OptionEntry list_entry(EntryText text, const std::string& allowed, Begin begin, Add add) {
  return entry(
      text, allowed,
      [=](const Value& value, RunOptions& options) {
        if (!value.is_list()) value.reject(allowed);
        begin(options);
        for (const Value& item : value.items()) add(item, options);
      },
      {}, OptionEntry::Kind::tree);
}

/// {file, dataset}, or `none`, which is a word or null.
template <class Access>
OptionEntry dataset_entry(EntryText text, Access access) {
  const std::string none = text.default_text;
  const std::string allowed = fmt::format("{} or {{file: FILE, dataset: NAME}}", none);
  return entry(
      text, allowed,
      [=](const Value& value, RunOptions& options) {
        std::optional<DatasetRef>& target = access(options);
        target.reset();
        if (value.is_null() || value.node().scalar == none) return;
        const YamlNode* file = value.node().member("file");
        const YamlNode* dataset = value.node().member("dataset");
        if (!file || !dataset || value.node().members.size() != 2) value.reject(allowed);
        target = {Value(value.key() + ".file", "", *file).text(), Value(value.key() + ".dataset", "", *dataset).text()};
      },
      {}, OptionEntry::Kind::dataset);
}

}  // namespace tessera::detail
