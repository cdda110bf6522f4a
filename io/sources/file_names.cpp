#include "io/sources/file_names.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "src/base/error.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The end of the digits that begin at i.
std::size_t digits_end(const std::string& text, std::size_t i) {
  while (i < text.size() && is_digit(text[i])) ++i;
  return i;
}

/// Numbers of a name by the letters of the pattern; nothing where it does not fit. Names are short: * is tried at every
/// length.
using Numbers = std::map<char, Index>;
std::optional<Numbers> match(const std::string& pattern, std::size_t p, const std::string& name, std::size_t i) {
  if (p == pattern.size()) return i == name.size() ? std::optional(Numbers{}) : std::nullopt;
  if (pattern[p] == '*') {
    for (std::size_t end = i; end <= name.size(); ++end)
      if (auto rest = match(pattern, p + 1, name, end)) return rest;
    return std::nullopt;
  }
  if (pattern[p] == '{' && p + 2 < pattern.size() && pattern[p + 2] == '}') {
    constexpr std::size_t most_digits = 12;
    const std::size_t end = digits_end(name, i);
    if (end == i || end - i > most_digits) return std::nullopt;
    auto rest = match(pattern, p + 3, name, end);
    if (rest) rest->emplace(pattern[p + 1], std::stoll(name.substr(i, end - i)));
    return rest;
  }
  if (i == name.size() || name[i] != pattern[p]) return std::nullopt;
  return match(pattern, p + 1, name, i + 1);
}

std::vector<std::string> names_in_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error))
    if (entry.is_regular_file(error) && !entry.path().filename().string().starts_with("."))
      names.push_back(entry.path().filename().string());
  if (error)
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: cannot be looked into ({}); correct the path", folder.string(), error.message()));
  std::ranges::sort(names, natural_less);
  return names;
}

NamedFiles whole_folder(const fs::path& folder) {
  std::set<std::string> extensions;
  NamedFiles found;
  for (const std::string& name : names_in_folder(folder)) {
    const std::string extension = lower_case(fs::path(name).extension().string());
    if (extension == ".txt" || extension == ".xml" || extension == ".json" || extension == ".yaml" ||
        extension == ".hdr" || extension == ".md")
      continue;
    extensions.insert(extension);
    found.files.push_back((folder / name).string());
  }
  if (extensions.size() > 1)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: holds files of several kinds ({}); name those of the patterns: {}/*{}",
                                 folder.string(), fmt::join(extensions, ", "), folder.string(), *extensions.rbegin()));
  return found;
}

[[noreturn]] void refuse(ExitCode code, const std::string& name, const std::string& what) {
  throw InputError(code, fmt::format("{}: {}", name, what));
}

/// Files with their numbers in the order of the scan.
struct Numbered {
  Index y = 0, x = 0;
  std::string file;
};

NamedFiles in_order(std::vector<Numbered> numbered, bool raster, const std::string& name) {
  std::ranges::stable_sort(
      numbered, [](const Numbered& a, const Numbered& b) { return std::pair(a.y, a.x) < std::pair(b.y, b.x); });
  for (std::size_t i = 1; i < numbered.size(); ++i)
    if (numbered[i].y == numbered[i - 1].y && numbered[i].x == numbered[i - 1].x)
      refuse(ExitCode::data_wrong, name,
             fmt::format("{} and {} have the same numbers", numbered[i - 1].file, numbered[i].file));
  NamedFiles found;
  for (const Numbered& one : numbered) found.files.push_back(one.file);
  if (!raster) return found;
  const auto in_first = std::ranges::count(numbered, numbered.front().y, &Numbered::y);
  const Index nx = in_first, ny = static_cast<Index>(numbered.size()) / nx;
  for (std::size_t i = 0; i < numbered.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(nx), column = i % static_cast<std::size_t>(nx);
    if (numbered[i].y == numbered[row * static_cast<std::size_t>(nx)].y && numbered[i].x == numbered[column].x)
      continue;
    refuse(ExitCode::data_missing, name,
           fmt::format("the raster has holes: there is no file of row {} and column {}, or of a row or column before",
                       numbered[i].y, numbered[column].x));
  }
  if (static_cast<Index>(numbered.size()) != ny * nx)
    refuse(ExitCode::data_missing, name,
           fmt::format("the raster has holes: {} files are no whole rows of {}", numbered.size(), nx));
  found.scan = {ny, nx};
  return found;
}

NamedFiles matching(const fs::path& path) {
  const std::string pattern = path.filename().string();
  const bool rows = pattern.find("{y}") != std::string::npos, columns = pattern.find("{x}") != std::string::npos;
  const bool number = pattern.find("{n}") != std::string::npos;
  if (rows != columns || (rows && number))
    refuse(ExitCode::run_file, path.string(), "the numbers in a name are {n}, or {y} and {x} together");
  std::vector<Numbered> numbered;
  for (const std::string& name : names_in_folder(path.parent_path())) {
    const auto numbers = match(pattern, 0, name, 0);
    if (!numbers) continue;
    const auto natural = static_cast<Index>(numbered.size());
    numbered.push_back({.y = rows ? numbers->at('y') : 0,
                        .x = rows     ? numbers->at('x')
                             : number ? numbers->at('n')
                                      : natural,
                        .file = (path.parent_path() / name).string()});
  }
  if (numbered.empty()) return {};
  return in_order(std::move(numbered), rows, path.string());
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::size_t end_i = digits_end(a, i), end_j = digits_end(b, j);
      const auto first = [](const std::string& text, std::size_t begin, std::size_t end) {
        while (begin + 1 < end && text[begin] == '0') ++begin;
        return text.substr(begin, end - begin);
      };
      const std::string m = first(a, i, end_i), n = first(b, j, end_j);
      if (m != n) return m.size() != n.size() ? m.size() < n.size() : m < n;
      i = end_i;
      j = end_j;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  if ((i == a.size()) != (j == b.size())) return i == a.size();
  return a < b;
}

bool names_several_files(const std::string& name) {
  std::error_code error;
  if (fs::is_directory(name, error)) return true;
  if (fs::exists(name, error)) return false;
  const std::string last = fs::path(name).filename().string();
  return last.find('*') != std::string::npos || last.find("{n}") != std::string::npos ||
         last.find("{y}") != std::string::npos;
}

NamedFiles named_files(const std::string& name) {
  std::error_code error;
  NamedFiles found = fs::is_directory(name, error) ? whole_folder(name) : matching(name);
  if (found.files.empty()) refuse(ExitCode::data_missing, name, "there is no file of a pattern; correct the path");
  if (found.scan.empty()) found.scan = {static_cast<Index>(found.files.size())};
  return found;
}

}  // namespace tessera
