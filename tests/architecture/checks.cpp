#include "tests/architecture/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace tessera::architecture {

namespace {

using Names = std::set<std::string_view>;

struct Layer {
  std::string_view folder;
  Names may_include;  ///< besides itself
};

/// In an order in which each row includes only rows above it: no cycle.
const std::vector<Layer>& layers() {
  static const Names optimisation_and_below{"src/base",     "src/geometry", "src/arrays",        "kernels",
                                            "src/parallel", "src/model",    "src/decomposition", "src/optimisation"};
  static const auto with = [](Names names, std::initializer_list<std::string_view> more) {
    names.insert(more);
    return names;
  };
  static const std::vector<Layer> table{
      {"src/base", {}},
      {"src/geometry", {"src/base"}},
      {"src/arrays", {"src/base", "src/geometry"}},
      {"kernels", {"src/base", "src/geometry", "src/arrays"}},
      {"src/parallel", {"src/base", "src/geometry", "src/arrays"}},
      {"src/model", {"src/base", "src/geometry", "src/arrays", "kernels"}},
      {"src/analysis", {"src/base", "src/geometry", "src/arrays", "kernels"}},
      {"src/decomposition", {"src/base", "src/geometry", "src/arrays", "kernels", "src/parallel"}},
      {"io", {"src/base", "src/geometry", "src/arrays", "src/parallel"}},
      {"src/optimisation",
       {"src/base", "src/geometry", "src/arrays", "kernels", "src/parallel", "src/model", "src/decomposition"}},
      {"src/workflow/options", optimisation_and_below},
      {"src/workflow/start", {"src/base", "src/parallel", "kernels", "io"}},
      {"src/workflow/input", with(optimisation_and_below, {"src/analysis", "io", "src/workflow/options"})},
      {"src/workflow/report",
       {"src/base", "src/geometry", "src/parallel", "src/analysis", "io", "src/workflow/options",
        "src/workflow/start"}},
      {"src/workflow/provenance",
       {"src/base", "src/parallel", "io", "src/workflow/options", "src/workflow/start", "src/workflow/input"}},
      {"src/workflow/reconstruct",
       with(optimisation_and_below, {"src/analysis", "io", "src/workflow/options", "src/workflow/start",
                                     "src/workflow/input", "src/workflow/report", "src/workflow/provenance"})},
      {"src/workflow/calibrate",
       with(optimisation_and_below, {"src/analysis", "io", "src/workflow/options", "src/workflow/start",
                                     "src/workflow/input", "src/workflow/reconstruct"})},
      {"src/workflow/simulate",
       {"src/base", "src/geometry", "src/arrays", "kernels", "src/parallel", "src/model", "io", "src/workflow/options",
        "src/workflow/start", "src/workflow/input"}},
      {"src/workflow/preprocess",
       {"src/base", "src/geometry", "src/arrays", "kernels", "src/parallel", "src/model", "io", "src/workflow/options",
        "src/workflow/start", "src/workflow/input", "src/workflow/provenance"}},
      {"src/workflow/examine",
       {"src/base", "src/geometry", "src/parallel", "src/analysis", "io", "src/workflow/options", "src/workflow/start",
        "src/workflow/input"}},
      {"src/workflow/exports",
       {"src/base", "src/geometry", "src/parallel", "io", "src/workflow/options", "src/workflow/start",
        "src/workflow/input"}},
      {"src/workflow/resolution",
       {"src/base", "src/parallel", "src/analysis", "io", "src/workflow/options", "src/workflow/start",
        "src/workflow/input", "src/workflow/reconstruct", "src/workflow/examine"}},
      {"drivers",
       {"src/base", "src/workflow/options", "src/workflow/start", "src/workflow/report", "src/workflow/provenance",
        "src/workflow/reconstruct", "src/workflow/simulate", "src/workflow/preprocess", "src/workflow/examine",
        "src/workflow/calibrate", "src/workflow/exports", "src/workflow/resolution"}},
  };
  return table;
}

struct Foreign {
  std::string_view prefix;  ///< of the header's name
  Names folders;            ///< that may include it
};

/// The first row whose prefix fits counts.
const std::vector<Foreign>& foreign_headers() {
  static const std::vector<Foreign> table{
      {"mpi.h", {"src/parallel"}},
      {"hdf5", {"io"}},
      {"H5", {"io"}},
      {"petscsys.h", {"src/optimisation", "src/workflow/start"}},
      {"petsc", {"src/optimisation"}},
      {"yaml-cpp/", {"src/workflow/options"}},
      {"CLI/", {"src/workflow/start", "drivers"}},
      {"nlohmann/",
       {"io", "src/workflow/start", "src/workflow/report", "src/workflow/provenance", "src/workflow/reconstruct",
        "src/workflow/preprocess", "src/workflow/examine", "src/workflow/calibrate", "src/workflow/exports",
        "src/workflow/resolution"}},
      {"png.h", {"io"}},
      {"cairo", {"io"}},
      {"openssl/", {"src/workflow/provenance"}},
      {"Eigen/", {"src/model", "src/workflow/preprocess"}},
      {"tiffio", {"io"}},
      {"expat", {"io"}},
      {"fftw3", {"kernels"}},
      {"cufft", {"kernels"}},
      {"fake_grid", {"kernels"}},
      {"cuda", {"kernels", "src/arrays"}},
      {"nvtx3/", {"src/arrays"}},
      {"boost/", {}},
  };
  return table;
}

bool is_cpp(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".cpp"); }

/// The layer a path lies in, by its folder.
const Layer* layer_of(std::string_view path) {
  const auto found = std::ranges::find_if(layers(), [&](const Layer& layer) {
    return path.starts_with(layer.folder) && path.substr(layer.folder.size()).starts_with('/');
  });
  return found == layers().end() ? nullptr : &*found;
}

struct Include {
  std::string_view name;
  bool quoted;
};

std::optional<Include> parse_include(std::string_view line) {
  constexpr std::string_view directive = "#include ";
  if (!line.starts_with(directive)) return std::nullopt;
  line.remove_prefix(directive.size());
  const bool quoted = line.starts_with('"');
  const auto end = line.find_first_of("\">", 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{line.substr(1, end - 1), quoted};
}

std::string place(const std::string& path, std::size_t line) { return path + ":" + std::to_string(line) + ": "; }

/// Calls `check(layer, include, place)` for every include of every C++ file that lies in a layer.
template <class Check>
void for_each_include(const Tree& tree, Check check) {
  for (const auto& [path, text] : tree) {
    const Layer* const layer = layer_of(path);
    if (layer == nullptr || !is_cpp(path)) continue;
    const auto lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (const auto include = parse_include(lines[i])) check(*layer, *include, place(path, i + 1));
  }
}

std::string_view trim(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

bool looks_like_code(std::string_view line) {
  line = trim(line);
  if (!line.starts_with("//") || line.starts_with("///")) return false;
  return line.ends_with(';') || line.ends_with('{') || line.ends_with('}');
}

bool is_reminder(std::string_view line) {
  constexpr std::array<std::string_view, 2> words{
      "TO"
      "DO",
      "FIX"
      "ME"};  // split, or they would find themselves
  return std::ranges::any_of(words, [&](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

/// The first key of a run file that a string literal of the line names, such as "beam.modes"; empty when there is none.
std::string key_in_literal(std::string_view line) {
  static const std::regex key(
      R"re("[^"]*\b((data|detector|scan|beam|object|propagation|loss|refine|solve|run|output|simulate)\.[a-z]\w*)[^"]*")re");
  const std::string text(line.substr(0, line.find("//")));
  std::smatch match;
  return std::regex_search(text, match, key) ? match[1].str() : std::string{};
}

bool is_checked(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension.empty() || Names{".hpp", ".cpp", ".in", ".txt", ".sh", ".py", ".sbatch"}.contains(extension);
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Tree read_tree(const std::string& root) {
  Tree tree;
  for (const std::string_view folder : {"src", "kernels", "io", "drivers", "tests", "perf", "jobscripts"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(root) / folder)) {
      if (!entry.is_regular_file() || !is_checked(entry.path())) continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      tree.emplace(std::filesystem::relative(entry.path(), root).generic_string(), text.str());
    }
  return tree;
}

Findings check_layer_table() {
  Findings findings;
  Names above;
  for (const Layer& layer : layers()) {
    for (const std::string_view folder : layer.may_include)
      if (!above.contains(folder))
        findings.push_back(fmt::format("{} may include {}, which is not above it in the table", layer.folder, folder));
    above.insert(layer.folder);
  }
  return findings;
}

Findings check_layers(const Tree& tree) {
  Findings findings;
  for (const auto& [path, text] : tree)
    if (is_cpp(path) && path.starts_with("src/") && layer_of(path) == nullptr)
      findings.push_back(path + " lies in no layer");
  for_each_include(tree, [&](const Layer& from, const Include& include, const std::string& where) {
    const Layer* const to = layer_of(include.name);
    const std::string name(include.name);
    if (to == nullptr) {
      if (include.quoted) findings.push_back(where + '"' + name + "\" is not a path from the root into a layer");
    } else if (to != &from && !from.may_include.contains(to->folder)) {
      findings.push_back(where + std::string(from.folder) + " may not include " + name);
    }
  });
  return findings;
}

Findings check_keys(const Tree& tree) {
  Findings findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || !(path.starts_with("src/model/") || path.starts_with("src/analysis/"))) continue;
    const auto lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (const std::string key = key_in_literal(lines[i]); !lines[i].starts_with("#include") && !key.empty())
        findings.push_back(place(path, i + 1) + "names the key " + key + ", which only the workflow knows");
  }
  return findings;
}

Findings check_foreign_headers(const Tree& tree) {
  Findings findings;
  for_each_include(tree, [&](const Layer& from, const Include& include, const std::string& where) {
    const auto row = std::ranges::find_if(
        foreign_headers(), [&](const Foreign& foreign) { return include.name.starts_with(foreign.prefix); });
    if (row != foreign_headers().end() && !row->folders.contains(from.folder))
      findings.push_back(where + std::string(from.folder) + " may not include the foreign header " +
                         std::string(include.name));
  });
  return findings;
}

Findings check_length(const Tree& tree) {
  constexpr std::size_t hard_limit = 300;
  Findings findings;
  for (const auto& [path, text] : tree)
    if (const auto lines = split_lines(text).size(); lines > hard_limit)
      findings.push_back(place(path, lines) + std::to_string(lines) + " lines, more than 300");
  return findings;
}

Findings check_leftovers(const Tree& tree) {
  Findings findings;
  for (const auto& [path, text] : tree) {
    const auto lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (is_cpp(path) && looks_like_code(lines[i])) findings.push_back(place(path, i + 1) + "commented-out code");
      if (is_reminder(lines[i])) findings.push_back(place(path, i + 1) + "a reminder of work left undone");
    }
  }
  return findings;
}

}  // namespace tessera::architecture
