#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "io/dataset.hpp"
#include "src/base/memory_need.hpp"
#include "src/workflow/report/html.hpp"
#include "src/workflow/report/page_parts.hpp"

namespace tessera {

namespace {

std::string row(const std::string& name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", html_text(name), html_text(value));
}

std::string table(const std::string& rows) {
  return rows.empty() ? "" : "<div class=\"table\"><table>\n" + rows + "</table></div>\n";
}

/// "at least 60", "0.8 to 1.25".
std::string range_text(const nlohmann::ordered_json& figure) {
  const auto least = number_at(figure, {"least"}), most = number_at(figure, {"most"});
  if (least && most) return short_number(*least) + " to " + short_number(*most);
  if (least) return "at least " + short_number(*least);
  return most ? "at most " + short_number(*most) : "";
}

std::string sheet_row(const std::string& key, const nlohmann::ordered_json& figure) {
  const auto value = number_at(figure, {"value"});
  if (!value) return "";
  const bool outside = figure.contains("good") && figure["good"] == false;
  const std::string what = text_at(figure, {"what"});
  return fmt::format("<tr{}><td>{}</td><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>\n",
                     outside ? " class=\"outside\"" : "", html_text(what.empty() ? key : what), short_number(*value),
                     html_text(text_at(figure, {"unit"})), html_text(range_text(figure)));
}

struct Phase {
  const char* key;
  const char* name;
};
constexpr std::array<Phase, 6> phases{{{"read", "reading"},
                                       {"compute", "model and gradient"},
                                       {"exchange", "exchange of overlaps"},
                                       {"reduce", "sums over ranks"},
                                       {"solver", "solver"},
                                       {"write", "writing"}}};

double largest_of(const std::vector<double>& values) {
  return values.empty() ? NAN : *std::ranges::max_element(values);
}

/// A bar of the seconds of each phase, and its legend; what remains of the total is the last.
std::string time_bar(const RunFiles& files, double total_s) {
  std::string bar, rows;
  double left_s = total_s;
  const auto add = [&](std::size_t colour, const char* name, double seconds) {
    const double percent = 100 * std::clamp(seconds / total_s, 0.0, 1.0);
    bar += fmt::format("<i class=\"k{}\" style=\"width:{:.2f}%\" title=\"{}\"></i>", colour, percent, name);
    rows += fmt::format(
        "<tr><td><span class=\"key k{}\"></span>{}</td><td class=\"number\">{:.2f} s</td><td class=\"number\">{:.1f} "
        "%</td></tr>\n",
        colour, name, seconds, percent);
  };
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const double seconds = number_at(files.metrics, {"seconds", phases[i].key}).value_or(0);
    left_s -= seconds;
    add(i, phases[i].name, seconds);
  }
  add(phases.size(), "all else", std::max(0.0, left_s));
  rows += fmt::format("<tr><td>all</td><td class=\"number\">{:.2f} s</td><td></td></tr>\n", total_s);
  return "<div class=\"bar\">" + bar + "</div>\n" + table(rows);
}

/// What departs from its default, as the comments of resolved.yaml tell.
std::string given_keys(const std::string& resolved) {
  std::string given;
  std::size_t begin = 0;
  while (begin < resolved.size()) {
    const std::size_t end = std::min(resolved.find('\n', begin), resolved.size());
    const std::string line = resolved.substr(begin, end - begin);
    if (!line.ends_with("# default")) given += line + "\n";
    begin = end + 1;
  }
  return given;
}

/// The PROV-JSON in the result; null where it cannot be read.
nlohmann::ordered_json provenance_of(const RunFiles& files) {
  if (files.result.empty()) return nullptr;
  try {
    const auto text = OpenFile(files.result).text("/reconstruction/process/provenance/data");
    return nlohmann::ordered_json::parse(text.value_or(""), nullptr, false);
  } catch (const Error&) {
    return nullptr;  // what is wrong with the result, the page says elsewhere
  }
}

/// The files that the run has read, each with its hash.
std::string input_rows(const nlohmann::ordered_json& provenance) {
  std::string rows;
  if (!provenance.is_object() || !provenance.contains("entity") || !provenance["entity"].is_object()) return rows;
  for (const auto& [id, entity] : provenance["entity"].items()) {
    if (!id.starts_with("run:input_") || !entity.is_object()) continue;
    const std::string path = text_at(entity, {"tessera:path"}), parent = text_at(entity, {"tessera:run_id"});
    rows += row(text_at(entity, {"prov:label"}), (path.empty() ? text_at(entity, {"tessera:file"}) : path) +
                                                     (parent.empty() ? "" : ", result of run " + parent));
    for (const auto& [name, value] : entity.items())
      if (name.starts_with("tessera:sha256-") && value.is_string())
        rows += row("", name.substr(std::string("tessera:").size()) + " " + value.get<std::string>());
  }
  return rows;
}

std::string block(const std::string& text) { return "<pre>" + html_text(text) + "</pre>\n"; }

}  // namespace

std::string page_sampling(const RunFiles& files) {
  const auto sampling = files.metrics.is_object() ? files.metrics.find("sampling") : files.metrics.end();
  std::string rows;
  if (files.metrics.is_object() && sampling != files.metrics.end() && sampling->is_object())
    for (const auto& [key, figure] : sampling->items()) rows += sheet_row(key, figure);
  if (rows.empty()) return "";
  return html_section(
      "sampling", "Sampling",
      table("<tr><th>figure</th><th class=\"number\">value</th><th>unit</th><th>good</th></tr>\n" + rows));
}

std::string page_time(const RunFiles& files) {
  const auto total_s = number_at(files.metrics, {"seconds", "total"});
  if (!total_s || *total_s <= 0) return "";
  std::string rows;
  if (const auto rate = number_at(files.metrics, {"wave_slices_per_second"}))
    rows += row("wave-slices a second, forwards and back", short_number(*rate));
  if (const auto each_s = number_at(files.metrics, {"seconds_per_gradient"}))
    rows += row("a gradient", short_number(*each_s) + " s");
  const double peak = largest_of(numbers_at(files.metrics, {"peak_memory_bytes"}));
  if (std::isfinite(peak)) rows += row("memory of the largest rank", bytes_text(peak));
  if (const auto bytes = number_at(files.metrics, {"exchanged_bytes_per_gradient", "measured"}); bytes && *bytes > 0)
    rows += row("exchanged between ranks in a gradient", bytes_text(*bytes));
  rows += row("GPU", text_at(files.metrics, {"gpu", "name"}));
  return html_section("time", "Time and memory", time_bar(files, *total_s) + table(rows));
}

std::string page_provenance(const RunFiles& files) {
  const std::string revision = text_at(files.metrics, {"versions", "revision"});
  const nlohmann::ordered_json provenance = provenance_of(files);
  std::string rows = row("run", text_at(files.status, {"run_id"}));
  rows += row("command", text_at(provenance, {"activity", "run:reconstruction", "tessera:command"}));
  rows += input_rows(provenance);
  rows +=
      row("tessera", text_at(files.metrics, {"versions", "tessera"}) + (revision.empty() ? "" : " (" + revision + ")"));
  rows += row("compiler", text_at(files.metrics, {"versions", "compiler"}));
  rows += row("precision", text_at(files.metrics, {"precision"}));
  rows += row("machine", text_at(files.status, {"host"}));
  rows += row("begun", text_at(files.status, {"start_time"}));
  if (has_ended(files.state)) rows += row("ended", text_at(files.status, {"heartbeat"}));
  if (const auto code = number_at(files.status, {"exit_code"})) rows += row("exit code", fmt::format("{:.0f}", *code));
  return html_section("provenance", "Provenance", table(rows));
}

std::string page_files(const RunFiles& files) {
  constexpr std::size_t most_lines = 500;
  std::string html;
  if (!files.resolved.empty())
    html += html_section(
        "configuration", "Configuration",
        block(given_keys(files.resolved)) + html_details("all values, with the defaults", block(files.resolved)));
  if (files.log.empty()) return html;
  std::string lines;
  const std::size_t first = files.log.size() - std::min(files.log.size(), most_lines);
  for (std::size_t i = first; i < files.log.size(); ++i) lines += files.log[i] + "\n";
  const std::string summary = first == 0 ? "all lines" : fmt::format("the last {} lines", most_lines);
  return html + html_section("log", "Log", html_details(summary, block(lines)));
}

}  // namespace tessera
