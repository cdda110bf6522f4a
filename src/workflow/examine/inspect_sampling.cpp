#include "src/workflow/examine/inspect_sampling.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tessera {
namespace {

using Lines = std::vector<std::string>;

void describe_detector(const Calibration& c, const InspectedPatterns& p, Lines& lines, Lines& warnings) {
  if (!c.wavelength_A) warnings.push_back("no beam energy found: give beam.energy_keV in the run file");
  if (!c.semiangle_rad) warnings.push_back("no aperture found: give beam.semiangle_mrad in the run file");
  if (!c.dk_y_invA || !c.dk_x_invA) {
    warnings.push_back(
        "no detector pixel found: give detector.pixel_mrad, detector.pixel_invA or detector.bright_field_radius_px in "
        "the run file");
    return;
  }
  const double window_y_A = 1 / *c.dk_y_invA, window_x_A = 1 / *c.dk_x_invA;
  lines.push_back(fmt::format("object pixel {:.4g} x {:.4g} A, probe window {:.4g} x {:.4g} A",
                              window_y_A / static_cast<double>(p.ny), window_x_A / static_cast<double>(p.nx),
                              window_y_A, window_x_A));
}

void describe_scan(const InspectedPatterns& p, const std::vector<PointYX>& positions_A, Lines& lines, Lines& warnings) {
  if (positions_A.empty()) {
    warnings.push_back("no scan positions found: give data.positions or scan.step_A");
    return;
  }
  if (static_cast<Index>(positions_A.size()) != p.count)
    warnings.push_back(fmt::format("{} positions for {} patterns", positions_A.size(), p.count));
  const auto [low_y, high_y] = std::ranges::minmax_element(positions_A, {}, &PointYX::y);
  const auto [low_x, high_x] = std::ranges::minmax_element(positions_A, {}, &PointYX::x);
  lines.push_back(fmt::format("{} positions over {:.4g} x {:.4g} A from ({:.4g}, {:.4g}) A", positions_A.size(),
                              high_y->y - low_y->y, high_x->x - low_x->x, low_y->y, low_x->x));
}

void describe_counts(const InspectedPatterns& p, Lines& lines, Lines& warnings) {
  if (p.facts.read == 0) {
    lines.push_back(fmt::format("{} patterns of {} x {} pixels", p.count, p.ny, p.nx));
    warnings.push_back("no pattern was looked at, as each chunk of the file holds a part of too many");
    return;
  }
  lines.push_back(fmt::format("{} patterns of {} x {} pixels; in {} of them: {:.6g} counts a pattern, largest {:.6g}",
                              p.count, p.ny, p.nx, p.facts.read, p.facts.mean_counts, p.facts.largest));
  if (p.facts.has_nan) warnings.push_back("some values are NaN or infinite: mask those pixels with data.mask");
  if (p.facts.has_negative) warnings.push_back("some values are negative: subtract no background, or clip at zero");
  if (p.facts.mean_counts <= 0) warnings.push_back("the patterns are empty");
}

}  // namespace

std::vector<std::string> describe_sampling(const Calibration& c, const InspectedPatterns& patterns,
                                           const std::vector<PointYX>& positions_A) {
  Lines lines, warnings;
  describe_counts(patterns, lines, warnings);
  describe_detector(c, patterns, lines, warnings);
  describe_scan(patterns, positions_A, lines, warnings);
  const Index middle_y = patterns.ny / 2, middle_x = patterns.nx / 2;
  const std::vector<SheetRow> rows =
      sampling_sheet({.wavelength_A = c.wavelength_A,
                      .semiangle_rad = c.semiangle_rad,
                      .dk_y_invA = c.dk_y_invA,
                      .dk_x_invA = c.dk_x_invA,
                      .C10_A = c.C10_A,
                      .centre_px = {static_cast<double>(middle_y), static_cast<double>(middle_x)},
                      .patterns = patterns.count,
                      .ny = patterns.ny,
                      .nx = patterns.nx,
                      .positions_A = positions_A,
                      .facts = patterns.facts});
  std::ranges::copy(sheet_lines(rows), std::back_inserter(lines));
  std::ranges::copy(sheet_warnings(rows), std::back_inserter(warnings));
  for (const std::string& warning : warnings) lines.push_back("warning: " + warning);
  return lines;
}

}  // namespace tessera
