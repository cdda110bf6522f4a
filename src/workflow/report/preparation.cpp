#include "src/workflow/report/preparation.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "io/text_file.hpp"
#include "src/base/error.hpp"
#include "src/workflow/options/yaml_file.hpp"
#include "src/workflow/report/html.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_text_bytes = 1 << 20, most_picture_bytes = 8 << 20, most_steps = 64;
constexpr std::size_t most_bytes = 64 << 20;  // of all pictures

/// data.file of the run file; empty where there is none.
std::filesystem::path data_file(const std::string& resolved_yaml) {
  try {
    const YamlNode tree = parse_yaml(resolved_yaml, "resolved.yaml");
    const YamlNode* const file = find_yaml(tree, "data.file");
    return file != nullptr && file->kind == YamlNode::Kind::scalar ? file->scalar : "";
  } catch (const Error&) {
    return {};
  }
}

/// Such a name leads out of no folder: "04_disc.png".
bool is_picture_name(const std::string& name) {
  const std::string ending = ".png";
  return name.ends_with(ending) && name.size() > ending.size() &&
         std::ranges::all_of(name.substr(0, name.size() - ending.size()),
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string picture_at(const std::filesystem::path& folder, const std::string& name) {
  std::error_code unreadable;
  if (!is_picture_name(name) || std::filesystem::is_symlink(folder / name, unreadable)) return "";
  if (std::filesystem::file_size(folder / name, unreadable) > most_picture_bytes || unreadable) return "";
  return read_bytes((folder / name).string(), most_picture_bytes).value_or("");
}

}  // namespace

std::vector<PreparationStep> read_preparation(const std::string& resolved_yaml) {
  const std::filesystem::path data = data_file(resolved_yaml);
  if (data.empty()) return {};
  const std::filesystem::path folder = data.parent_path() / (data.stem().string() + "_steps");
  std::error_code unreadable;
  const auto written = std::filesystem::last_write_time(folder / "preprocess.json", unreadable);
  if (unreadable || written < std::filesystem::last_write_time(data, unreadable) || unreadable) return {};
  std::istringstream lines(read_bytes((folder / "preprocess.json").string(), most_text_bytes).value_or(""));
  std::vector<PreparationStep> steps;
  std::size_t bytes = 0;
  for (std::string line; std::getline(lines, line) && steps.size() < most_steps;) {
    const Json step = Json::parse(line, nullptr, false);
    if (text_at(step, {"step"}).empty() || text_at(step, {"file"}) != data.filename().string()) continue;
    std::string picture = bytes < most_bytes ? picture_at(folder, text_at(step, {"picture"})) : "";
    bytes += picture.size();
    steps.push_back({text_at(step, {"step"}), text_at(step, {"words"}), std::move(picture)});
  }
  return steps;
}

std::string preparation_html(const std::vector<PreparationStep>& steps) {
  if (steps.empty()) return "";
  std::string rows, pictures;
  for (const PreparationStep& step : steps) {
    std::string name = step.name;
    std::ranges::replace(name, '_', ' ');
    rows += "<tr><td>" + html_text(name) + "</td><td>" + html_text(step.words) + "</td></tr>\n";
    if (!step.picture.empty()) pictures += html_picture(step.picture, name, name);
  }
  return html_section("preparation", "Before the reconstruction",
                      "<p>What tessera preprocess did to the data.</p>\n<div class=\"table\"><table>\n" + rows +
                          "</table></div>\n" + html_pictures(pictures));
}

}  // namespace tessera
