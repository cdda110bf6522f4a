// Finds functions that headers declare and nobody calls, by reading tokens: no parser, so no macro or overload is
// resolved.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "tests/architecture/checks.hpp"

namespace tessera::architecture {

namespace {

using Tokens = std::vector<std::string>;

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Length of the comment or literal at the front of `text`; 0 when there is neither.
std::size_t length_of_skipped(std::string_view text) {
  if (text.starts_with("//")) return std::min(text.find('\n'), text.size());
  if (text.starts_with("/*")) return std::min(text.find("*/"), text.size() - 2) + 2;
  if (text[0] != '"' && text[0] != '\'') return 0;
  std::size_t end = 1;
  while (end < text.size() && text[end] != text[0] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

/// Words, numbers, "::", and single signs.
Tokens tokenise(std::string_view text) {
  Tokens tokens;
  while (!text.empty()) {
    std::size_t length = length_of_skipped(text);
    if (length == 0) {
      length = 1;
      if (is_word(text[0])) {
        while (length < text.size() && (is_word(text[length]) || text[length] == '\'')) ++length;
      } else if (text.starts_with("::")) {
        length = 2;
      }
      if (std::isspace(static_cast<unsigned char>(text[0])) == 0) tokens.emplace_back(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return tokens;
}

/// Preprocessor lines removed, continued ones too.
std::string without_directives(std::string_view text) {
  std::string kept;
  bool continued = false;
  for (const std::string_view line : split_lines(text)) {
    const auto first = line.find_first_not_of(' ');
    const bool directive = continued || (first != std::string_view::npos && line[first] == '#');
    continued = directive && line.ends_with('\\');
    if (!directive) kept.append(line).push_back('\n');
  }
  return kept;
}

/// The index just after the bracket that closes the one at `open`.
std::size_t skip_brackets(const Tokens& tokens, std::size_t open, const std::string& left, const std::string& right) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i] == left) ++depth;
    if (tokens[i] == right && --depth == 0) return i + 1;
  }
  return tokens.size();
}

/// Reads the declarations of one file outside function bodies.
class DeclarationReader {
 public:
  explicit DeclarationReader(Tokens tokens) : tokens_(std::move(tokens)) {}

  /// Names of functions declared or defined, once for each time; explicit instantiations count as such.
  Tokens read() {
    for (i_ = 0; i_ < tokens_.size();) step();
    return std::move(names_);
  }

 private:
  void step() {
    const std::string& token = tokens_[i_];
    if (token == ";" || token == "}") {
      start_ = ++i_;
    } else if (token == "{") {
      const bool opens_scope = statement_has("namespace") || statement_has("class") || statement_has("struct");
      i_ = opens_scope && !statement_has("(") ? i_ + 1 : skip_brackets(tokens_, i_, "{", "}");
      start_ = i_;
    } else if (token == "(") {
      if (const std::string name = function_before(i_); !name.empty()) names_.push_back(name);
      i_ = skip_brackets(tokens_, i_, "(", ")");
      after_parentheses_ = i_;
    } else {
      ++i_;
    }
  }

  bool statement_has(std::string_view word) const {
    return std::find(tokens_.begin() + static_cast<std::ptrdiff_t>(start_),
                     tokens_.begin() + static_cast<std::ptrdiff_t>(i_),
                     word) != tokens_.begin() + static_cast<std::ptrdiff_t>(i_);
  }

  /// The name declared by the parenthesis at `open`, or nothing: constructors, operators, macros and initial values.
  std::string function_before(std::size_t open) const {
    if (open <= start_ + 1 || statement_has("=") || statement_has("operator") || after_parentheses_ > start_) return {};
    std::size_t name = open - 1;
    if (tokens_[name] == ">") {
      int depth = 0;
      do {
        if (tokens_[name] == ">") ++depth;
        if (tokens_[name] == "<") --depth;
        --name;
      } while (depth > 0 && name > start_ + 1);
    }
    const std::string& word = tokens_[name];
    if (name <= start_ || !is_word_start(word[0]) || std::isupper(static_cast<unsigned char>(word[0])) != 0) return {};
    static const std::set<std::string_view> not_names{"noexcept", "decltype", "alignas", "requires", "explicit", "if"};
    return not_names.contains(word) ? std::string{} : word;
  }

  Tokens tokens_;
  Tokens names_;
  std::size_t i_ = 0;
  std::size_t start_ = 0;              ///< of the current statement
  std::size_t after_parentheses_ = 0;  ///< of the current statement, when past `start_`
};

bool is_library_header(std::string_view path) {
  return path.ends_with(".hpp") &&
         (path.starts_with("src/") || path.starts_with("kernels/") || path.starts_with("io/"));
}

}  // namespace

Findings check_unused_functions(const Tree& tree) {
  std::map<std::string, std::string> declared_in;
  std::map<std::string, int> mentions;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with(".hpp") && !path.ends_with(".cpp")) continue;
    for (const std::string& token : tokenise(text)) ++mentions[token];
    for (const std::string& name : DeclarationReader(tokenise(without_directives(text))).read()) {
      --mentions[name];
      if (is_library_header(path)) declared_in.emplace(name, path);
    }
  }
  Findings findings;
  for (const auto& [name, path] : declared_in)
    if (mentions[name] <= 0) findings.push_back(fmt::format("{}: nobody calls {}", path, name));
  return findings;
}

}  // namespace tessera::architecture
