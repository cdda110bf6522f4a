#include <fmt/format.h>

#include <array>

#include "src/workflow/report/html.hpp"
#include "src/workflow/report/page_parts.hpp"
#include "src/workflow/report/preparation.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

std::string resolution_html(const RunFiles& files) {
  const std::string summary = text_at(files.resolution, {"summary"});
  if (summary.empty()) return "";
  return html_section(
      "resolution", "Resolution",
      "<p>" + html_text("Two reconstructions, of half of the positions each, agree to " + summary) + ".</p>\n" +
          html_pictures(page_picture(files, "frc", "Fourier ring correlation of two halves",
                                     "Fourier ring correlation of the two halves, and the half-bit curve.")));
}

std::string comparison_html(const RunFiles& files) {
  const Json& found = files.comparison;
  struct Figure {
    const char *key, *name;
  };
  constexpr std::array<Figure, 3> figures{{{"correlation", "correlation of the phase"},
                                           {"normalised_error", "normalised error"},
                                           {"frc_half_bit_A", "half-bit resolution [\u00c5]"}}};
  std::string rows;
  for (const Figure& figure : figures)
    if (const auto value = number_at(found, {figure.key, "sum"}))
      rows += fmt::format("<tr><td>{}</td><td class=\"number\">{}</td></tr>\n", figure.name, short_number(*value));
  return rows.empty() ? ""
                      : html_section("comparison", "Against the reference",
                                     "<div class=\"table\"><table>\n" + rows + "</table></div>\n");
}

/// "not sure" of a value that is not to be relied on.
std::string sure_text(const Json& found, const char* key) {
  const auto at = found.find(key);
  return at != found.end() && at->is_object() && at->contains("sure") && (*at)["sure"] == false ? "not sure" : "";
}

std::string orientation_text(const Json& found) {
  const auto is = [&](const char* name) {
    const auto at = found.find("orientation");
    return at != found.end() && at->is_object() && at->contains(name) && (*at)[name] == true;
  };
  std::string text;
  for (const auto& [key, word] :
       {std::pair("flip_y", "flipped along y"), {"flip_x", "flipped along x"}, {"transpose", "transposed"}})
    if (is(key)) text += (text.empty() ? "" : ", ") + std::string(word);
  if (text.empty()) text = "as it is";
  return is("sure") ? text : text + " (not sure)";
}

std::string calibration_html(const RunFiles& files) {
  const Json& found = files.calibration;
  if (!found.is_object()) return "";
  struct Quantity {
    const char *key, *name, *unit;
  };
  constexpr std::array<Quantity, 8> quantities{{{"C10_A", "defocus C10", "\u00c5"},
                                                {"C12_A", "astigmatism C12", "\u00c5"},
                                                {"rotation_deg", "rotation of the scan", "degree"},
                                                {"step_scale", "scan step over what was given", ""},
                                                {"bright_field_radius_px", "radius of the bright field", "pixel"},
                                                {"ellipticity", "its ellipticity", ""},
                                                {"counts_per_electron", "counts of an electron", ""},
                                                {"psf_px", "point spread", "pixel"}}};
  std::string rows = fmt::format("<tr><td>detector</td><td>{}</td><td></td><td></td><td></td></tr>\n",
                                 html_text(orientation_text(found)));
  for (const Quantity& one : quantities) {
    const auto value = number_at(found, {one.key, "value"}), error = number_at(found, {one.key, "error"});
    if (!value) continue;
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>\n",
        one.name, short_number(*value), error ? short_number(*error) : "", one.unit, sure_text(found, one.key));
  }
  const std::string pictures =
      page_picture(files, "mean_pattern", "mean pattern", "Mean pattern, its root, with the bright field found.") +
      page_picture(files, "candidates", "candidates of the orientation",
                   "Short reconstructions with each way that the detector may lie; the best comes first.") +
      page_picture(files, "dpc", "phase by deflection", "Phase from the centres of mass.") +
      page_picture(files, "bright_field", "bright field", "Bright-field image, its tilts undone.") +
      page_picture(files, "parallax", "phase by parallax", "Phase from the bright-field image.");
  return html_section(
      "calibration", "How it was recorded",
      "<p>What tessera calibrate left in this folder.</p>\n<div class=\"table\"><table>\n<tr><th></th><th "
      "class=\"number\">value</th><th class=\"number\">error</th><th></th><th></th></tr>\n" +
          rows + "</table></div>\n" + html_pictures(pictures));
}

}  // namespace

std::string page_found(const RunFiles& files) {
  return resolution_html(files) + comparison_html(files) + calibration_html(files) +
         preparation_html(files.preparation);
}

}  // namespace tessera
