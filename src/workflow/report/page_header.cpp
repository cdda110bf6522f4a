#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "src/base/units.hpp"
#include "src/workflow/options/yaml_file.hpp"
#include "src/workflow/report/html.hpp"
#include "src/workflow/report/page_parts.hpp"

namespace tessera {

namespace {

/// The scalar at a key of resolved.yaml; empty where there is none.
std::string key_text(const YamlNode& root, const char* key) {
  const YamlNode* const node = find_yaml(root, key);
  return node != nullptr && node->kind == YamlNode::Kind::scalar ? node->scalar : "";
}

YamlNode resolved_tree(const RunFiles& files) {
  try {
    return parse_yaml(files.resolved, "resolved.yaml");
  } catch (const Error&) {
    return {};  // a run that has not come so far
  }
}

/// A list of "name: value" as cards; those without a value are left out.
class Facts {
 public:
  void add(const char* name, const std::string& value) {
    if (!value.empty()) cards_ += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html_text(value));
  }
  void add(const char* name, std::optional<double> value, const char* unit = "") {
    if (value && std::isfinite(*value)) add(name, short_number(*value) + unit);
  }
  std::string html() const { return cards_.empty() ? "" : "<dl class=\"facts\">\n" + cards_ + "</dl>\n"; }

 private:
  std::string cards_;
};

std::string loss_text(const RunFiles& files) {
  const auto fitted = number_at(files.metrics, {"fitted_loss_per_pixel"});
  const auto held_out = number_at(files.metrics, {"held_out_loss_per_pixel"});
  if (fitted && held_out) return fmt::format("{:.4f}, held out {:.4f}", *fitted, *held_out);
  return "";
}

std::string object_text(const ResultSummary& result) {
  return fmt::format("{} x {} x {} px", result.slices, result.ny, result.nx);
}

std::string field_text(const ResultSummary& result) {
  constexpr double long_A = 100;
  const bool in_nm = std::max(result.scanned_y_A, result.scanned_x_A) >= long_A;
  const double unit = in_nm ? units::A_per_nm : 1;
  return fmt::format("{:.4g} x {:.4g} {}", result.scanned_y_A / unit, result.scanned_x_A / unit,
                     in_nm ? "nm" : "\u00c5");
}

std::string pixel_text(const ResultSummary& result) {
  const bool square = std::abs(result.dy_A - result.dx_A) < 1e-6 * std::abs(result.dx_A);
  return square ? length_text(result.dx_A) : fmt::format("{:.4g} x {:.4g} \u00c5", result.dy_A, result.dx_A);
}

std::string beam_text(const YamlNode& tree) {
  const std::string energy = key_text(tree, "beam.energy_keV"), angle = key_text(tree, "beam.semiangle_mrad");
  std::string text = energy.empty() ? "" : energy + " keV";
  if (!angle.empty()) text += (text.empty() ? "" : ", ") + angle + " mrad";
  return text;
}

std::string where_text(const RunFiles& files) {
  const auto ranks = number_at(files.status, {"ranks"});
  if (!ranks) return "";
  const std::string device = text_at(files.metrics, {"device"});
  return fmt::format("{:.0f} rank{}{}", *ranks, *ranks == 1 ? "" : "s", device.empty() ? "" : " on " + device);
}

void add_figures(Facts& facts, const RunFiles& files, const std::optional<ResultSummary>& result) {
  const YamlNode tree = resolved_tree(files);
  facts.add("R factor", number_at(files.metrics, {"r_factor"}));
  facts.add("loss of a pixel", loss_text(files));
  if (result) {
    facts.add("scanned field", field_text(*result));
    facts.add("pixel", pixel_text(*result));
    facts.add("object (slices, y, x)", object_text(*result));
    facts.add("patterns", fmt::format("{}", result->positions));
  }
  facts.add("electrons a pattern", number_at(files.metrics, {"electrons_per_pattern"}));
  facts.add("dose", number_at(files.metrics, {"sampling", "dose_e_per_A2", "value"}), " e/\u00c5\u00b2");
  facts.add("beam", beam_text(tree));
  facts.add("probe modes", key_text(tree, "beam.modes"));
  if (const auto gradients = number_at(files.metrics, {"gradients"}))
    facts.add("gradients", fmt::format("{:.0f} in {:.0f} iterations", *gradients,
                                       number_at(files.metrics, {"iterations"}).value_or(0)));
  if (const auto total_s = number_at(files.metrics, {"seconds", "total"})) facts.add("time", duration_text(*total_s));
  facts.add("computed by", where_text(files));
}

/// Iteration, loss and time left of a run that goes on.
std::string progress_html(const RunFiles& files) {
  if (has_ended(files.state)) return "";
  if (files.iterations.empty()) return "<p class=\"progress\">reading data and preparing the solve</p>\n";
  const IterationLine& now = files.iterations.back();
  const auto left_s = seconds_left(files.iterations.front(), now);
  return fmt::format(
      "<p class=\"progress\"><progress max=\"{}\" value=\"{}\"></progress><br/>iteration {} of {}, loss {:.6g}, {} "
      "gradients{}; last sign of life {}</p>\n",
      std::max(1, now.iterations), now.iteration, now.iteration, now.iterations, now.loss, now.gradients,
      left_s ? ", " + duration_text(*left_s) + " left" : "", html_text(text_at(files.status, {"heartbeat"})));
}

std::string verdict(const RunFiles& files) {
  std::string reason = text_at(files.status, {"stop_reason"});
  switch (files.state) {
    case RunState::dead:
      return fmt::format("the run is dead: its process is gone or gave no sign of life since {}",
                         text_at(files.status, {"heartbeat"}));
    case RunState::failed:
      return "the run failed: " + reason;
    case RunState::stopped:
    case RunState::stopping:
    case RunState::finished:
      return reason;
    case RunState::running:
      break;
  }
  return "";
}

}  // namespace

std::string page_header(const RunFiles& files, const std::optional<ResultSummary>& result) {
  const std::string data = std::filesystem::path(key_text(resolved_tree(files), "data.file")).filename().string();
  std::string html = fmt::format("<header><h1>{}</h1><span class=\"state {}\">{}</span>\n",
                                 html_text(std::filesystem::path(files.directory).filename().string()),
                                 state_name(files.state), state_name(files.state));
  const std::string why = verdict(files);
  if (!why.empty()) html += fmt::format("<p>{}</p>\n", html_text(why));
  html += fmt::format("<p>ptychographic reconstruction{}, begun {}</p></header>\n",
                      data.empty() ? "" : " of " + html_text(data), html_text(text_at(files.status, {"start_time"})));
  html += progress_html(files);
  Facts facts;
  add_figures(facts, files, result);
  return html + facts.html();
}

std::string page_notes(const RunFiles& files) {
  constexpr std::size_t most = 100;
  std::string html;
  for (const auto& [list, kind, word] :
       {std::tuple(&files.errors, " error", "error"), {&files.warnings, "", "warning"}}) {
    if (list->empty()) continue;
    html += fmt::format("<div class=\"note{}\"><p>{} {}{}</p><ul>\n", kind, list->size(), word,
                        list->size() == 1 ? "" : "s");
    for (std::size_t i = 0; i < std::min(most, list->size()); ++i)
      html += fmt::format("<li>{}</li>\n", html_text((*list)[i]));
    if (list->size() > most) html += fmt::format("<li>and {} more: see run.log</li>\n", list->size() - most);
    html += "</ul></div>\n";
  }
  return html;
}

std::string short_number(double value) { return fmt::format("{:.4g}", value); }

std::string length_text(double length_A) {
  constexpr double long_A = 100;
  return length_A >= long_A ? fmt::format("{:.4g} nm", length_A / units::A_per_nm)
                            : fmt::format("{:.4g} \u00c5", length_A);
}

}  // namespace tessera
