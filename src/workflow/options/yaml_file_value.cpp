#include <algorithm>
#include <charconv>
#include <cmath>

#include "src/base/words.hpp"
#include "src/workflow/options/yaml_file.hpp"

namespace tessera {
namespace {

/// The whole text as a number, or nothing.
template <class Number>
std::optional<Number> read_number(const std::string& text) {
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  Number value{};
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end || begin == end) return std::nullopt;
  return value;
}

}  // namespace

bool Limit::holds(double value) const { return (low_included ? value >= low : value > low) && value <= high; }

std::string Limit::text() const {
  if (low == high) return fmt::format("{}", low);
  return fmt::format("{} {} up to {}", low_included ? "from" : "above", low, high);
}

void Value::reject(const std::string& must_be) const {
  const bool has_unit = !unit_.empty() && node_->kind == YamlNode::Kind::scalar;
  throw_run_file(fmt::format("{} is {}{}; it must be {} ({})", shown(key_), shown(yaml_text(*node_)),
                             has_unit ? " " + unit_ : "", must_be, yaml_place(*node_)));
}

double Value::number(const Limit& limit) const {
  const auto value = read_number<double>(node_->scalar);
  if (node_->kind != YamlNode::Kind::scalar || node_->quoted || !value || !std::isfinite(*value)) {
    reject("a number, " + limit.text());
  }
  if (!limit.holds(*value)) reject(limit.text());
  return *value;
}

Index Value::integer(const Limit& limit) const {
  const auto value = read_number<Index>(node_->scalar);
  if (node_->kind != YamlNode::Kind::scalar || node_->quoted || !value) {
    reject("a whole number, " + limit.text());
  }
  if (!limit.holds(static_cast<double>(*value))) reject(limit.text());
  return *value;
}

bool Value::boolean() const {
  if (node_->kind != YamlNode::Kind::scalar || (node_->scalar != "true" && node_->scalar != "false")) {
    reject("true or false");
  }
  return node_->scalar == "true";
}

std::string Value::text() const {
  if (node_->kind != YamlNode::Kind::scalar || node_->scalar.empty()) reject("a text");
  return node_->scalar;
}

std::vector<Value> Value::items() const {
  std::vector<Value> values;
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    values.emplace_back(fmt::format("{}[{}]", key_, i), unit_, node_->items[i]);
  }
  return values;
}

std::size_t Value::choice(const std::vector<std::string>& words) const {
  const auto found = std::find(words.begin(), words.end(), node_->scalar);
  if (node_->kind != YamlNode::Kind::scalar || found == words.end()) reject(any_of(words));
  return static_cast<std::size_t>(found - words.begin());
}

std::string any_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace tessera
