#include "src/workflow/examine/inspect_sampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tessera {
namespace {

using Lines = std::vector<std::string>;

struct Extent {
  PointYX low, high;
};

Extent extent_of(const std::vector<PointYX>& positions_A) {
  Extent extent{positions_A.front(), positions_A.front()};
  for (const PointYX& p : positions_A) {
    extent.low = {std::min(extent.low.y, p.y), std::min(extent.low.x, p.x)};
    extent.high = {std::max(extent.high.y, p.y), std::max(extent.high.x, p.x)};
  }
  return extent;
}

std::string step_text(const ScanSteps& steps) {
  if (steps.across_A < 1.05 * steps.nearest_A) return fmt::format("about {:.4g} A apart", steps.nearest_A);
  return fmt::format("about {:.4g} A apart, and {:.4g} A across that direction", steps.nearest_A, steps.across_A);
}

void describe_detector(const Calibration& c, const PatternStatistics& p, Lines& lines, Lines& warnings) {
  if (!c.wavelength_A) warnings.push_back("no beam energy found: give beam.energy_keV in the run file");
  if (!c.semiangle_rad) warnings.push_back("no aperture found: give beam.semiangle_mrad in the run file");
  if (!c.dk_y_invA || !c.dk_x_invA) {
    warnings.push_back(
        "no detector pixel found: give detector.pixel_mrad, detector.pixel_invA or detector.bright_field_radius_px in "
        "the run file");
    return;
  }
  const double window_y_A = 1 / *c.dk_y_invA, window_x_A = 1 / *c.dk_x_invA;
  const double dy_A = window_y_A / static_cast<double>(p.ny), dx_A = window_x_A / static_cast<double>(p.nx);
  lines.push_back(fmt::format("object pixel {:.4g} x {:.4g} A, probe window {:.4g} x {:.4g} A", dy_A, dx_A, window_y_A,
                              window_x_A));
  if (!c.wavelength_A || !c.semiangle_rad) return;
  const double radius_y_px = *c.semiangle_rad / *c.wavelength_A / *c.dk_y_invA;
  const double radius_x_px = *c.semiangle_rad / *c.wavelength_A / *c.dk_x_invA;
  lines.push_back(fmt::format(
      "bright-field disc {:.4g} x {:.4g} pixels in radius; the detector ends at {:.4g} times it", radius_y_px,
      radius_x_px, std::min(static_cast<double>(p.ny) / 2 / radius_y_px, static_cast<double>(p.nx) / 2 / radius_x_px)));
  if (radius_y_px > static_cast<double>(p.ny) / 2 || radius_x_px > static_cast<double>(p.nx) / 2) {
    warnings.push_back(
        "the bright-field disc is larger than the detector: check detector.pixel_mrad and beam.semiangle_mrad");
  }
  const double radius_A = probe_radius_A(*c.wavelength_A, *c.semiangle_rad, c.C10_A);
  lines.push_back(fmt::format("probe radius about {:.4g} A", radius_A));
  if (2 * radius_A > 0.8 * std::min(window_y_A, window_x_A)) {
    warnings.push_back(
        fmt::format("the probe, about {:.3g} A wide, hardly fits its window: less defocus or finer detector "
                    "pixels would help",
                    2 * radius_A));
  }
}

void describe_scan(const Calibration& c, const PatternStatistics& p, const std::vector<PointYX>& positions_A,
                   Lines& lines, Lines& warnings) {
  if (positions_A.empty()) {
    warnings.push_back("no scan positions found: give data.positions or scan.step_A");
    return;
  }
  if (static_cast<Index>(positions_A.size()) != p.n_patterns) {
    warnings.push_back(fmt::format("{} positions for {} patterns", positions_A.size(), p.n_patterns));
  }
  const Extent extent = extent_of(positions_A);
  const ScanSteps steps = scan_steps(positions_A);
  lines.push_back(fmt::format("{} positions over {:.4g} x {:.4g} A from ({:.4g}, {:.4g}) A, {}", positions_A.size(),
                              extent.high.y - extent.low.y, extent.high.x - extent.low.x, extent.low.y, extent.low.x,
                              step_text(steps)));
  const double area_A2 = area_per_position_A2(positions_A);
  if (p.mean_electrons > 0 && area_A2 > 0) {
    lines.push_back(fmt::format("dose about {:.3g} counts/A^2", p.mean_electrons / area_A2));
  }
  if (!c.wavelength_A || !c.semiangle_rad) return;
  const double overlap = 1 - steps.across_A / (2 * probe_radius_A(*c.wavelength_A, *c.semiangle_rad, c.C10_A));
  lines.push_back(
      fmt::format("neighbouring probes overlap by {:.0f} % of their diameter", 100 * std::max(0.0, overlap)));
  if (overlap < 0.6) warnings.push_back("ptychography wants an overlap of 60 % or more");
}

void describe_counts(const PatternStatistics& p, Lines& lines, Lines& warnings) {
  lines.push_back(fmt::format("{} patterns of {} x {} pixels; in {} of them: {:.6g} counts a pattern, largest {:.6g}",
                              p.n_patterns, p.ny, p.nx, p.n_read, p.mean_electrons, p.largest));
  if (p.has_nan) warnings.push_back("some values are NaN or infinite: mask those pixels with data.mask");
  if (p.has_negative) warnings.push_back("some values are negative: subtract no background, or clip at zero");
  if (p.mean_electrons <= 0) warnings.push_back("the patterns are empty");
}

}  // namespace

PatternStatistics pattern_statistics(const std::vector<double>& patterns, Index n_patterns, Index ny, Index nx) {
  PatternStatistics statistics{.ny = ny, .nx = nx, .n_patterns = n_patterns};
  statistics.n_read = static_cast<Index>(patterns.size()) / (ny * nx);
  double sum = 0;
  for (const double value : patterns) {
    if (!std::isfinite(value)) {
      statistics.has_nan = true;
      continue;
    }
    statistics.has_negative = statistics.has_negative || value < 0;
    statistics.largest = std::max(statistics.largest, value);
    sum += value;
  }
  if (statistics.n_read > 0) statistics.mean_electrons = sum / static_cast<double>(statistics.n_read);
  return statistics;
}

std::vector<std::string> describe_sampling(const Calibration& calibration, const PatternStatistics& patterns,
                                           const std::vector<PointYX>& positions_A) {
  Lines lines, warnings;
  describe_counts(patterns, lines, warnings);
  describe_detector(calibration, patterns, lines, warnings);
  describe_scan(calibration, patterns, positions_A, lines, warnings);
  for (const std::string& warning : warnings) lines.push_back("warning: " + warning);
  return lines;
}

}  // namespace tessera
