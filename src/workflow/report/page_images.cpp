#include <fmt/format.h>

#include <cmath>

#include "src/workflow/report/chart.hpp"
#include "src/workflow/report/html.hpp"
#include "src/workflow/report/page_parts.hpp"

namespace tessera {

namespace {

/// One by one where they were read from the result, else as the run has drawn them side by side.
std::string slices_html(const RunFiles& files, const std::optional<ResultSummary>& result) {
  if (!result || result->slice_pictures.empty()) {
    const std::string montage = page_picture(files, "slices", "phase of the slices", "Slices, with common limits.");
    return montage.empty() ? "" : html_section("slices", "Slices", montage);
  }
  std::string html = "<div class=\"stack\">\n";
  for (std::size_t i = 0; i < result->slice_pictures.size(); ++i)
    html += html_picture(result->slice_pictures[i], fmt::format("phase of slice {}", result->shown[i]),
                         fmt::format("slice {} of 0 to {}", result->shown[i], result->slices - 1));
  html += "</div>\n<p class=\"legend\">Slice 0 is where the beam enters; all slices have the same limits.</p>\n";
  return html_section("slices", "Slices", html);
}

/// Losses of the data a pixel where pixels are held out, else f.
CurvePanel loss_panel(const RunFiles& files, std::vector<double>& iterations) {
  const auto per_pixel = [&](const char* losses, const char* pixels) {
    std::vector<double> values = numbers_at(files.metrics, {losses});
    for (double& value : values) value /= number_at(files.metrics, {pixels}).value_or(NAN);
    return values;
  };
  if (const std::vector<double> held_out = per_pixel("held_out_loss", "held_out_pixels"); !held_out.empty())
    return {"loss of the data, a pixel",
            {{"fitted", per_pixel("fitted_loss", "fitted_pixels")}, {"held out", held_out}}};
  if (const std::vector<double> loss = numbers_at(files.metrics, {"loss"}); !loss.empty())
    return {"loss", {{"", loss}}};
  CurvePanel panel{"loss", {{"", {}}}};
  const bool split = !files.iterations.empty() && files.iterations.front().loss_per_pixel.has_value();
  if (split) panel = {"loss of the data, a pixel", {{"fitted", {}}, {"held out", {}}}};
  for (const IterationLine& line : files.iterations) {
    iterations.push_back(line.iteration);
    if (!split)
      panel.curves[0].values.push_back(line.loss);
    else {
      panel.curves[0].values.push_back(line.loss_per_pixel ? line.loss_per_pixel->fitted : NAN);
      panel.curves[1].values.push_back(line.loss_per_pixel ? line.loss_per_pixel->held_out : NAN);
    }
  }
  return panel;
}

/// The iterate that the result is of, where it is not the last; else -1.
int marked_iterate(const RunFiles& files) {
  const auto result = number_at(files.metrics, {"result_iteration"});
  const auto last = numbers_at(files.metrics, {"loss"}).size();
  return result && *result >= 0 && *result + 1 < static_cast<double>(last) ? static_cast<int>(*result) : -1;
}

const nlohmann::ordered_json& unknowns_of(const RunFiles& files) {
  static const nlohmann::ordered_json none = nlohmann::ordered_json::array();
  const auto found = files.metrics.is_object() ? files.metrics.find("unknowns") : files.metrics.end();
  return files.metrics.is_object() && found != files.metrics.end() && found->is_array() ? *found : none;
}

std::string named(const nlohmann::ordered_json& unknown) {
  const std::string unit = text_at(unknown, {"unit"});
  return text_at(unknown, {"name"}) + (unit.empty() ? "" : " [" + unit + "]");
}

std::string changes_text(const nlohmann::ordered_json& unknown) {
  std::string text;
  for (const double value : numbers_at(unknown, {"changes"})) text += (text.empty() ? "" : ", ") + short_number(value);
  return text;
}

}  // namespace

std::string page_picture(const RunFiles& files, const char* name, const std::string& alternative,
                         const std::string& caption) {
  const auto found = files.pictures.find(name);
  return found == files.pictures.end() ? "" : html_picture(found->second, alternative, caption);
}

std::string page_pictures(const RunFiles& files, const std::optional<ResultSummary>& result) {
  const std::string phase = page_picture(files, "phase", "phase of the object",
                                         "Phase of the specimen, summed over slices, on the scanned field; its ramp is "
                                         "removed, and the limits are percentiles 0.1 and 99.9.");
  const std::string probe =
      page_picture(files, "probe", "probe modes",
                   "Probe: hue is phase, brightness the amplitude of each mode by itself; each with "
                   "its part of the electrons.");
  const std::string slices = slices_html(files, result);
  std::string probe_section = probe.empty() ? "" : html_section("probe", "Probe", probe);
  const std::string images = phase.empty() ? slices : html_section("image", "Phase", phase) + slices;
  if (images.empty()) return probe_section;
  const std::string open = "<div class=\"object\">\n", close = "</div>\n";
  return slices.empty() ? open + images + probe_section + close : open + images + close + probe_section;
}

std::string page_convergence(const RunFiles& files) {
  std::vector<double> iterations;
  const CurvePanel loss = loss_panel(files, iterations);
  const int marked = marked_iterate(files);
  std::string charts = chart_svg(loss, iterations, marked);
  for (const nlohmann::ordered_json& unknown : unknowns_of(files))
    charts += chart_svg({named(unknown) + ", rms change", {{"", numbers_at(unknown, {"history"})}}}, {}, marked);
  if (charts.empty()) return "";
  const char* const note =
      marked >= 0 ? "<p class=\"legend\">The dashed line is the iterate that the result holds.</p>\n" : "";
  return html_section("convergence", "Convergence", "<div class=\"charts\">\n" + charts + "</div>\n" + note);
}

std::string page_residuals(const RunFiles& files) {
  const std::string pictures =
      page_picture(
          files, "misfit", "misfit of each position",
          "Misfit over the scan: loss over what counting noise alone leaves. 1 is a pattern that is explained; a spot, "
          "a line or a slope tells of a bad pattern, of wrong positions, of damage or drift.") +
      page_picture(
          files, "residual", "data minus model over the detector",
          "Data minus model of all patterns, in standard deviations of counting. Noise has no pattern and is within "
          "3; a ring at the edge of the disc tells of a wrong aperture or pixel, or of a source that is not coherent, "
          "a spot of a bad pixel, a haze of a background or a blur.");
  if (pictures.empty()) return "";
  const auto middle = number_at(files.metrics, {"misfit", "median"}),
             most = number_at(files.metrics, {"misfit", "largest"}),
             worst = number_at(files.metrics, {"misfit", "largest_of_pattern"});
  std::string text;
  if (middle && most && worst)
    text = fmt::format("<p>Misfit {} in the middle, {} at the most, of pattern {:.0f} of the file.</p>\n",
                       short_number(*middle), short_number(*most), *worst);
  constexpr double more_than_noise = 1.2;
  if (middle && *middle > more_than_noise)
    text +=
        "<p>That is more than counting noise: more probe modes, refined positions, more slices or a background may "
        "explain it.</p>\n";
  return html_section("residuals", "What is left over", text + html_pictures(pictures));
}

std::string page_unknowns(const RunFiles& files) {
  std::string rows;
  for (const nlohmann::ordered_json& unknown : unknowns_of(files)) {
    const auto moved = number_at(unknown, {"rms_change"});
    if (!moved) continue;
    const auto error = number_at(unknown, {"standard_error"}), joint = number_at(unknown, {"standard_error_joint"});
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td><td>{}</td></tr>\n",
        html_text(named(unknown)), short_number(*moved), error ? short_number(*error) : "",
        joint ? short_number(*joint) : "", html_text(changes_text(unknown)));
  }
  std::string html;
  if (!rows.empty())
    html =
        "<div class=\"table\"><table>\n<tr><th>refined</th><th class=\"number\">moved, rms</th><th "
        "class=\"number\">noise leaves at the least</th>"
        "<th class=\"number\">with all free</th><th>changes</th></tr>\n" +
        rows + "</table></div>\n";
  const std::string pictures =
      page_picture(files, "positions", "how positions moved", "How positions moved, as arrows over the phase.") +
      page_picture(files, "background", "background", "The background found, zero frequency in the middle.");
  html += html_pictures(pictures);
  return html.empty() ? "" : html_section("refined", "Refined beside object and probe", html);
}

}  // namespace tessera
