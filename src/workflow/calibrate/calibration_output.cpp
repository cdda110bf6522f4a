#include "src/workflow/calibrate/calibration_output.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "src/base/clock.hpp"
#include "src/base/units.hpp"
#include "src/base/version.hpp"
#include "src/workflow/options/yaml_file.hpp"

namespace tessera {

namespace {

double degrees(double rad) { return rad / units::rad_per_degree; }

std::string error_text(double error, const char* unit) { return fmt::format("calibrate, +- {:.2g} {}", error, unit); }

/// A gain that the run file leaves at 1 and that is not.
bool replaces_gain(const RunOptions& options, const ImageFindings& images) {
  if (!images.noise || !images.noise->sure || options.data.counts_per_electron != DataOptions{}.counts_per_electron)
    return false;
  const double off = std::abs(images.noise->counts_per_electron - 1);
  return off > std::max(0.1, 3 * images.noise->counts_error);
}

bool replaces_psf(const RunOptions& options, const ImageFindings& images) {
  return images.noise && images.noise->sure && images.noise->psf_px > 0 && options.detector.psf_px == 0;
}

/// 0: nothing tells C12.
double C12_error_A(const Calibration& found) {
  if (found.C12_cos_A.found && found.C12_sin_A.found) return std::max(found.C12_cos_A.error, found.C12_sin_A.error);
  return found.guess.C10_error_A;
}

bool has_astigmatism(const Calibration& found) {
  const double error_A = C12_error_A(found);
  return error_A > 0 && found.setting.C12()[0] > 3 * error_A;
}

/// A disc that is longer one way by more than its error, and by a hundredth; round once `tessera preprocess` has been
/// here.
bool replaces_ellipse(const RunOptions& options, const Disc& disc) {
  const auto oblong = [](const auto& pixel) { return pixel && (*pixel)[0] != (*pixel)[1]; };
  if (options.preprocess.ellipse.any() || oblong(options.detector.pixel_rad) || oblong(options.detector.pixel_invA))
    return false;
  return disc.ellipticity() > std::max(0.01, 3 * disc.ellipticity_error());
}

double phi12_error_deg(const Calibration& found) { return degrees(C12_error_A(found) / (2 * found.setting.C12()[0])); }

void add_aberrations(const RunOptions& options, const Calibration& found, std::vector<FoundValue>& values) {
  const bool known = found.C10_A.found || found.guess.C10_error_A > 0;
  const double error_A = found.C10_A.found ? found.C10_A.error : found.guess.C10_error_A;
  if (known)
    values.push_back({fmt::format("beam.aberrations.C10_A={:.1f}", found.setting.C10_A()), error_text(error_A, "A")});
  if (!has_astigmatism(found)) {
    // What the run file said of it was looked at, and is not so.
    if (C12_error_A(found) > 0 &&
        std::ranges::any_of(options.beam.aberrations, [](const auto& a) { return a.first == "C12_A"; }))
      values.push_back({"beam.aberrations.C12_A=0", error_text(C12_error_A(found), "A")});
    return;
  }
  const auto [C12_A, phi12_rad] = found.setting.C12();
  values.push_back({fmt::format("beam.aberrations.C12_A={:.1f}", C12_A), error_text(C12_error_A(found), "A")});
  values.push_back({fmt::format("beam.aberrations.phi12_deg={:.1f}", degrees(phi12_rad)),
                    error_text(phi12_error_deg(found), "degrees")});
}

void add_orientation(const Calibration& found, std::vector<FoundValue>& values) {
  const Orientation o = found.setting.orientation();
  const std::string place = found.sign_sure ? "calibrate" : "calibrate; its twin has the other sign of C10";
  values.push_back({fmt::format("detector.flip_y={}", o.flip_y), place});
  values.push_back({fmt::format("detector.flip_x={}", o.flip_x), place});
  values.push_back({fmt::format("detector.transpose={}", o.transpose), place});
  values.push_back({fmt::format("scan.rotation_deg={:.2f}", degrees(o.rotation_rad)),
                    error_text(degrees(found.rotation_error_rad), "degrees")});
}

nlohmann::json number(double value, double error, bool sure) {
  return {{"value", value}, {"error", error}, {"sure", sure}};
}

std::string noise_line(const std::optional<DetectorNoise>& noise) {
  if (!noise) return "detector: too few counts to tell gain and point spread";
  if (!noise->sure)
    return fmt::format(
        "detector: at most {:.3g} counts an electron; the specimen changes neighbouring patterns by more than counting "
        "noise does, so that neither gain nor point spread can be told",
        noise->counts_per_electron);
  const std::string spread =
      noise->psf_px > 0 ? fmt::format(", point spread {:.2f} +- {:.2f} pixels", noise->psf_px, noise->psf_error_px)
                        : "";
  return fmt::format("detector: {:.4g} +- {:.2g} counts an electron{}", noise->counts_per_electron, noise->counts_error,
                     spread);
}

}  // namespace

std::vector<FoundValue> found_values(const RunOptions& options, const Calibration& found) {
  std::vector<FoundValue> values;
  const ImageFindings& images = found.images;
  const Disc& disc = images.disc;
  if (!options.detector.pixel_rad && !options.detector.pixel_invA && !options.detector.bright_field_radius_px)
    values.push_back({fmt::format("detector.bright_field_radius_px={:.3f}", disc.radius_px),
                      error_text(disc.radius_error_px, "pixels")});
  values.push_back(
      {fmt::format("detector.centre_px=[{:.0f}, {:.0f}]", disc.centre_px.y, disc.centre_px.x),
       fmt::format("calibrate: {:.2f}, {:.2f} +- {:.2f}", disc.centre_px.y, disc.centre_px.x, disc.centre_error_px)});
  if (replaces_gain(options, images))
    values.push_back({fmt::format("data.counts_per_electron={:.5g}", images.noise->counts_per_electron),
                      error_text(images.noise->counts_error, "counts")});
  if (replaces_psf(options, images))
    values.push_back({fmt::format("detector.psf_px={:.3f}", images.noise->psf_px),
                      error_text(images.noise->psf_error_px, "pixels")});
  if (replaces_ellipse(options, disc))
    values.push_back({fmt::format("preprocess.ellipse=[{:.4f}, {:.1f}]", disc.long_over_short(), disc.longest_deg()),
                      error_text(disc.ellipticity_error(), "as a ratio")});
  if (!found.orientation_sure) return values;
  add_orientation(found, values);
  add_aberrations(options, found, values);
  if (found.step_differs) {
    const auto& a = options.scan.affine;
    const double s = found.step_scale.at;
    values.push_back(
        {fmt::format("scan.affine=[[{:.6g}, {:.6g}], [{:.6g}, {:.6g}]]", a[0] * s, a[1] * s, a[2] * s, a[3] * s),
         error_text(found.step_scale.error, "as a factor")});
  }
  return values;
}

FoundValue calibration_mark(const std::string& run_file, bool reproducible) {
  std::string text =
      fmt::format("tessera {} ({}) from {}", version, revision, std::filesystem::path(run_file).filename().string());
  if (!reproducible) text += ", " + utc_now();
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.scalar = text;
  return {"run.calibrated=" + yaml_text(node), "calibrate"};
}

std::string disc_line(const Disc& disc) {
  return fmt::format(
      "bright-field disc: radius {:.3f} +- {:.3f} pixels, centre ({:.2f}, {:.2f}) +- {:.2f}, ellipticity {:.1f} +- "
      "{:.1f} "
      "% (longest at {:.0f} degrees)",
      disc.radius_px, disc.radius_error_px, disc.centre_px.y, disc.centre_px.x, disc.centre_error_px,
      100 * disc.ellipticity(), 100 * disc.ellipticity_error(), disc.longest_deg());
}

std::vector<std::string> report_lines(const RunOptions& options, const Calibration& found) {
  std::vector<std::string> lines;
  lines.push_back(
      fmt::format("electrons: {:.4g} a pattern, scatter {:.1f} %", found.electrons, 100 * found.electrons_scatter));
  lines.push_back(noise_line(found.images.noise));
  if (replaces_ellipse(options, found.images.disc))
    lines.push_back(
        fmt::format("the disc is an ellipse, {:.4f} +- {:.4f} times as long as wide, which a model of round apertures "
                    "does not fit: `tessera preprocess` with the new run file makes it round",
                    found.images.disc.long_over_short(), found.images.disc.ellipticity_error()));
  if (!found.orientation_sure) {
    lines.push_back(fmt::format(
        "orientation: cannot be told ({:.2g} of the misfit that the best of eight explains lies between it and the "
        "next): no specimen, too few electrons, or C10 and scan far from what the run file says; left as it was",
        found.choice.lead));
    return lines;
  }
  lines.push_back(fmt::format("orientation: {} +- {:.1f}, by {}{}", found.setting.orientation().text(),
                              degrees(found.rotation_error_rad),
                              found.choice.best == 0 ? found.guess.source + " and by trial" : "trial",
                              found.sign_sure ? "" : "; which sign C10 has is not told by the image"));
  lines.push_back(found.C10_A.found
                      ? fmt::format("C10: {:.1f} +- {:.1f} A", found.setting.C10_A(), found.C10_A.error)
                      : fmt::format("C10: {:.1f} A, no minimum of the loss near it", found.setting.C10_A()));
  if (has_astigmatism(found))
    lines.push_back(fmt::format("C12: {:.1f} +- {:.1f} A, phi12 {:.1f} +- {:.1f} degrees", found.setting.C12()[0],
                                C12_error_A(found), degrees(found.setting.C12()[1]), phi12_error_deg(found)));
  if (found.step_differs)
    lines.push_back(fmt::format("scan step: {:.4f} +- {:.4f} times what the run file says", found.step_scale.at,
                                found.step_scale.error));
  const double given = options.data.counts_per_electron;
  if (found.images.noise && found.images.noise->sure && !replaces_gain(options, found.images) &&
      std::abs(found.images.noise->counts_per_electron / given - 1) > 0.3)
    lines.push_back(fmt::format("data.counts_per_electron is {:.4g}, and noise says {:.4g}", given,
                                found.images.noise->counts_per_electron));
  return lines;
}

std::vector<std::string> preview_lines(const Calibration& found) {
  std::vector<std::string> lines;
  lines.push_back(
      fmt::format("electrons: {:.4g} a pattern, scatter {:.1f} %", found.electrons, 100 * found.electrons_scatter));
  lines.push_back(noise_line(found.images.noise));
  const FirstGuess& guess = found.guess;
  if (!guess.orientation_known) {
    lines.emplace_back(
        "orientation: images of the scan do not tell it; pictures are drawn as the run file says, and trials, without "
        "--preview, may tell");
    return lines;
  }
  lines.push_back(fmt::format("orientation: {} +- {:.1f}, by {}; not yet tried", guess.setting.orientation().text(),
                              degrees(guess.turn_error_rad), guess.source));
  if (guess.C10_error_A > 0)
    lines.push_back(
        guess.sign_known
            ? fmt::format("C10: {:.0f} +- {:.0f} A", guess.setting.C10_A(), guess.C10_error_A)
            : fmt::format("C10: + or - {:.0f} +- {:.0f} A; with the other sign the detector lies turned by 180 degrees",
                          std::abs(guess.setting.C10_A()), guess.C10_error_A));
  return lines;
}

std::string calibration_json(const Calibration& found) {
  nlohmann::json json;
  const Disc& disc = found.images.disc;
  json["bright_field_radius_px"] = number(disc.radius_px, disc.radius_error_px, true);
  json["centre_px"] = {{"value", {disc.centre_px.y, disc.centre_px.x}}, {"error", disc.centre_error_px}};
  json["ellipticity"] =
      number(disc.ellipticity(), disc.ellipticity_error(), disc.ellipticity() > 3 * disc.ellipticity_error());
  json["ellipse_longest_deg"] = disc.longest_deg();
  json["electrons_per_pattern"] = {{"value", found.electrons}, {"relative_scatter", found.electrons_scatter}};
  if (const auto& noise = found.images.noise) {
    json["counts_per_electron"] = number(noise->counts_per_electron, noise->counts_error, noise->sure);
    json["psf_px"] = number(noise->psf_px, noise->psf_error_px, noise->sure && noise->psf_px > 0);
  }
  if (const auto& d = found.images.deflection)
    json["by_deflection"] = {{"mirrored", d->mirrored},
                             {"turn_deg", degrees(d->turn_rad)},
                             {"error_deg", degrees(d->turn_error_rad)},
                             {"gap", d->gap},
                             {"skewness_in_errors", d->skewness_in_errors},
                             {"sure", d->sure()}};
  if (const auto& t = found.images.tilt)
    json["by_tilt"] = {{"shift_A_per_radius", t->shift},  {"error_A", t->error},
                       {"significance", t->significance}, {"rival", t->rival},
                       {"steps", t->largest_steps},       {"sure", t->sure()}};
  const Orientation o = found.setting.orientation();
  json["orientation"] = {{"flip_y", o.flip_y},
                         {"flip_x", o.flip_x},
                         {"transpose", o.transpose},
                         {"sure", found.orientation_sure},
                         {"lead", found.choice.lead},
                         {"sign_sure", found.sign_sure},
                         {"skewness", {found.skewness.value, found.skewness.error}}};
  json["rotation_deg"] = number(degrees(o.rotation_rad), degrees(found.rotation_error_rad), found.orientation_sure);
  json["C10_A"] = number(found.setting.C10_A(), found.C10_A.error, found.C10_A.found && found.orientation_sure);
  json["C12_A"] = number(found.setting.C12()[0], C12_error_A(found), has_astigmatism(found) && found.orientation_sure);
  json["phi12_deg"] = number(degrees(found.setting.C12()[1]), has_astigmatism(found) ? phi12_error_deg(found) : 90.0,
                             has_astigmatism(found) && found.orientation_sure);
  json["step_scale"] = number(found.step_scale.at, found.step_scale.error, found.step_scale.found);
  for (const Candidate& c : found.candidates) {
    const Orientation way = c.setting.orientation();
    json["candidates"].push_back({{"flip_y", way.flip_y},
                                  {"flip_x", way.flip_x},
                                  {"transpose", way.transpose},
                                  {"rotation_deg", degrees(way.rotation_rad)},
                                  {"loss", c.loss}});
  }
  return json.dump(2) + "\n";
}

}  // namespace tessera
