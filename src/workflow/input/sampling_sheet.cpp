#include "src/workflow/input/sampling_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "src/base/constants.hpp"
#include "src/base/units.hpp"
#include "src/geometry/scan_statistics.hpp"

namespace tessera {

namespace {

using Rows = std::vector<SheetRow>;
constexpr double percent = 100;

/// The probe's radius, as it is known.
std::optional<double> radius_A(const SheetInput& in) {
  if (in.probe_radius_A) return in.probe_radius_A;
  if (!in.wavelength_A || !in.semiangle_rad) return std::nullopt;
  return probe_radius_A(*in.wavelength_A, *in.semiangle_rad, in.C10_A);
}

/// Of what the file holds, pixels of the object that its patterns resolve [A].
std::optional<double> object_pixel_A(const SheetInput& in) {
  if (!in.dk_y_invA || !in.dk_x_invA || in.ny == 0 || in.nx == 0) return std::nullopt;
  return 1 / std::min(*in.dk_y_invA * static_cast<double>(in.ny), *in.dk_x_invA * static_cast<double>(in.nx));
}

double extent_A(const std::vector<PointYX>& positions_A) {
  const auto [low_y, high_y] = std::ranges::minmax_element(positions_A, {}, &PointYX::y);
  const auto [low_x, high_x] = std::ranges::minmax_element(positions_A, {}, &PointYX::x);
  return std::max(high_y->y - low_y->y, high_x->x - low_x->x);
}

void add_overlap(const SheetInput& in, const ScanSteps& steps, double probe_radius_A, Rows& rows) {
  rows.push_back({.key = "scanned_field_over_probe",
                  .what = "longer side of the scanned field over the probe",
                  .value = extent_A(in.positions_A) / (2 * probe_radius_A),
                  .least = 0.5,
                  .advice = "all positions lie within one probe: are they in angstrom?"});
  rows.push_back({.key = "overlap_percent",
                  .what = "overlap of neighbouring probes",
                  .value = percent * std::max(0.0, 1 - steps.across_A / (2 * probe_radius_A)),
                  .unit = "%",
                  .least = 60,
                  .advice = "a smaller scan step or more defocus; are positions in angstrom, and is "
                            "beam.aberrations.C10_A right?"});
  const double area_A2 = area_per_position_A2(in.positions_A);
  if (area_A2 > 0)
    rows.push_back({.key = "areal_oversampling",
                    .what = "lit area over the area of a position",
                    .value = pi * probe_radius_A * probe_radius_A / area_A2,
                    .least = 5,
                    .advice = "each place should be lit by 5 positions or more: a smaller scan step or more defocus"});
}

void add_scan(const SheetInput& in, Rows& rows) {
  if (in.positions_A.size() < 2) return;
  const ScanSteps steps = scan_steps(in.positions_A);
  rows.push_back({.key = "scan_step_A", .what = "scan step", .value = steps.across_A, .unit = "A"});
  if (const std::optional<double> pixel = object_pixel_A(in))
    rows.push_back({.key = "scan_step_over_pixel",
                    .what = "scan step over the object's pixel",
                    .value = steps.across_A / *pixel,
                    .least = 0.5,
                    .advice = "finer steps than half a pixel tell nothing new: are positions in angstrom?"});
  rows.push_back({.key = "repeated_positions_percent",
                  .what = "positions that stand where another one does",
                  .value = percent * repeated_share(in.positions_A),
                  .unit = "%",
                  .most = 10,
                  .advice = "check data.positions: they must be (y, x) in angstrom, one for each pattern"});
  if (const std::optional<double> radius = radius_A(in)) add_overlap(in, steps, *radius, rows);
}

void add_probe(const SheetInput& in, Rows& rows) {
  const std::optional<double> radius = radius_A(in);
  if (radius) rows.push_back({.key = "probe_radius_A", .what = "radius of the probe", .value = *radius, .unit = "A"});
  if (radius && in.dk_y_invA && in.dk_x_invA)
    rows.push_back(
        {.key = "probe_over_window_percent",
         .what = "diameter of the probe over its window",
         .value = percent * 2 * *radius * std::max(*in.dk_y_invA, *in.dk_x_invA),
         .unit = "%",
         .most = 80,
         .advice = "the probe must fit its window, 1 / detector pixel: less defocus, or a longer camera length"});
  if (!in.wavelength_A || !in.semiangle_rad || !in.dk_y_invA || !in.dk_x_invA || in.C10_A == 0) return;
  const double pixel_rad = *in.wavelength_A * std::max(*in.dk_y_invA, *in.dk_x_invA);
  rows.push_back(
      {.key = "ronchigram_magnification_px_per_A",
       .what = "detector pixels for each angstrom of the shadow image",
       .value = 1 / (std::abs(in.C10_A) * pixel_rad),
       .unit = "1/A",
       .least = 2 * *in.semiangle_rad / *in.wavelength_A,
       .advice = "the shadow image is coarser than the aperture resolves: less defocus, or a longer camera length"});
}

void add_detector(const SheetInput& in, Rows& rows) {
  if (in.dk_y_invA && in.dk_x_invA && in.wavelength_A && in.semiangle_rad) {
    const double expected_y_px = *in.semiangle_rad / *in.wavelength_A / *in.dk_y_invA;
    const double expected_x_px = *in.semiangle_rad / *in.wavelength_A / *in.dk_x_invA;
    const double reach =
        std::min(static_cast<double>(in.ny) / 2 / expected_y_px, static_cast<double>(in.nx) / 2 / expected_x_px);
    rows.push_back({.key = "detector_over_aperture",
                    .what = "where the detector ends, in radii of the aperture",
                    .value = reach,
                    .least = 1,
                    .advice = "the bright-field disc is larger than the detector: check detector.pixel_mrad and "
                              "beam.semiangle_mrad, or shorten the camera length"});
    if (in.facts && in.facts->disc && in.facts->disc->radius_y_px > 0 && reach > 1.1)
      rows.push_back(
          {.key = "bright_field_over_aperture",
           .what = "radius of the bright field in the data over the aperture's",
           .value =
               std::sqrt(in.facts->disc->radius_y_px * in.facts->disc->radius_x_px / (expected_y_px * expected_x_px)),
           .least = 0.8,
           .most = 1.25,
           .advice = "beam.semiangle_mrad and the detector's pixel do not fit the data: one of them is wrong by "
                     "this factor (detector.bright_field_radius_px can take the pixel's place)"});
  }
  if (!in.facts || !in.facts->disc) return;
  const BrightField& disc = *in.facts->disc;
  const auto apart = [](double a, double b, Index n) {
    const double d = std::abs(a - b);
    return std::min(d, static_cast<double>(n) - d);
  };
  const double radius_px = std::sqrt(disc.radius_y_px * disc.radius_x_px);
  rows.push_back({.key = "beam_off_centre_px",
                  .what = "centre of the light from the pattern's centre",
                  .value = std::hypot(apart(disc.centre_px.y, in.centre_px.y, in.ny),
                                      apart(disc.centre_px.x, in.centre_px.x, in.nx)),
                  .unit = "px",
                  .most = std::max(1.5, 0.15 * radius_px),
                  .advice = fmt::format(
                      "the light is centred at pixel ({:.1f}, {:.1f}) of {} x {}: set detector.centre_px, or shift "
                      "patterns whose zero frequency lies at a corner by half their size",
                      disc.centre_px.y, disc.centre_px.x, in.ny, in.nx)});
}

void add_counts(const SheetInput& in, Rows& rows) {
  if (!in.facts || in.facts->read == 0) return;
  const PatternFacts& facts = *in.facts;
  const double electrons = facts.mean_counts / in.counts_per_electron;
  rows.push_back(
      {.key = "electrons_per_pattern",
       .what = fmt::format("electrons of a pattern (mean of {} patterns)", facts.read),
       .value = electrons,
       .least = 3,
       .most = 1e9,
       .advice = "check data.counts_per_electron, what one electron counts; patterns must not be normalised"});
  rows.push_back({.key = "electrons_in_brightest_pixel",
                  .what = "electrons in the brightest pixel of the mean pattern",
                  .value = facts.mean_largest / in.counts_per_electron});
  const double area_A2 = area_per_position_A2(in.positions_A);
  if (area_A2 > 0)
    rows.push_back({.key = "dose_e_per_A2", .what = "dose", .value = electrons / area_A2, .unit = "e/A^2"});
  const double blank_by_chance = std::exp(-std::max(0.0, electrons));  // where so few electrons fall
  rows.push_back(
      {.key = "blank_patterns_percent",
       .what = "blank patterns",
       .value = percent * facts.blank,
       .unit = "%",
       .most = 2 + 2 * percent * blank_by_chance,
       .advice = "leave them out with data.subset; was the beam blanked, or the scan longer than the data?"});
  rows.push_back({.key = "saturated_pixels_percent",
                  .what = "pixels at the detector's limit",
                  .value = percent * facts.saturated,
                  .unit = "%",
                  .most = 0,
                  .advice = fmt::format(
                      "many pixels hold {:.6g}, the largest value: saturated, or marked as bad; exclude them with "
                      "data.mask, or expose less",
                      facts.largest)});
  rows.push_back(
      {.key = "repeated_patterns_percent",
       .what = "neighbouring patterns that are the same",
       .value = percent * facts.repeated,
       .unit = "%",
       .most = 0,
       .advice = "the detector or its reader repeated frames: record again, or leave them out with data.subset"});
  rows.push_back(
      {.key = "pedestal_percent",
       .what = "darkest pixel of the mean pattern over its mean",
       .value = percent * facts.pedestal,
       .unit = "%",
       .most = 50,
       .advice = "an offset, or a root or logarithm of the counts? subtract the dark level before, and give counts"});
  if (facts.scatter)
    rows.push_back(
        {.key = "scatter_over_counting",
         .what = "scatter of the patterns' sums over that of counting",
         .value = *facts.scatter,
         .least = 0.3,
         .advice = "normalised or noise-free patterns? losses and weights take them for counts of electrons"});
}

void add_specimen(const SheetInput& in, Rows& rows) {
  if (in.wavelength_A && in.semiangle_rad) {
    const double depth_A = *in.wavelength_A / std::pow(*in.semiangle_rad, 2);
    rows.push_back({.key = "depth_of_field_A",
                    .what = "depth of field, wavelength / semi-angle^2",
                    .value = depth_A,
                    .unit = "A"});
    if (!in.gaps_A.empty())
      rows.push_back({.key = "slice_over_depth_of_field",
                      .what = "thickest slice over the depth of field",
                      .value = *std::ranges::max_element(in.gaps_A) / depth_A,
                      .most = 1,
                      .advice = "the probe changes within a slice: more object.slices, closer together"});
  }
  if (in.unknowns && in.data && *in.unknowns > 0)
    rows.push_back({.key = "overdetermination",
                    .what = "fitted values over unknowns of object and probe",
                    .value = *in.data / *in.unknowns,
                    .least = 2,
                    .advice = "fewer slices, states or modes, or more positions; regularisers can make up for a part"});
}

void add_cost(const SheetInput& in, Rows& rows) {
  if (in.memory_B) {
    SheetRow row{.key = "memory_MiB",
                 .what = "memory of the largest rank",
                 .value = *in.memory_B / units::bytes_per_MiB,
                 .unit = "MiB",
                 .advice = "use more nodes, fewer slices or a shorter solve.history"};
    if (in.memory_there_B) row.most = 0.8 * *in.memory_there_B / units::bytes_per_MiB;
    rows.push_back(row);
  }
  if (in.disk_B) {
    SheetRow row{.key = "disk_MiB",
                 .what = "disk for the result",
                 .value = *in.disk_B / units::bytes_per_MiB,
                 .unit = "MiB",
                 .advice = "free space, or choose another output.directory"};
    if (in.disk_there_B) row.most = 0.9 * *in.disk_there_B / units::bytes_per_MiB;
    rows.push_back(row);
  }
  if (in.seconds)
    rows.push_back({.key = "expected_seconds",
                    .what = "time for all gradients on a machine at rest, at most",
                    .value = *in.seconds,
                    .unit = "s"});
}

std::string range_text(const SheetRow& row) {
  const bool low = std::isfinite(row.least), high = std::isfinite(row.most);
  if (low && high) return fmt::format("{:.4g} to {:.4g}", row.least, row.most);
  if (low) return fmt::format("at least {:.4g}", row.least);
  return high ? fmt::format("at most {:.4g}", row.most) : "";
}

}  // namespace

double probe_radius_A(double wavelength_A, double semiangle_rad, double C10_A) {
  return 0.61 * wavelength_A / semiangle_rad + std::abs(C10_A) * semiangle_rad;
}

std::vector<SheetRow> sampling_sheet(const SheetInput& input) {
  Rows rows;
  add_scan(input, rows);
  add_probe(input, rows);
  add_detector(input, rows);
  add_counts(input, rows);
  add_specimen(input, rows);
  add_cost(input, rows);
  return rows;
}

std::vector<std::string> sheet_lines(const std::vector<SheetRow>& rows) {
  std::vector<std::string> lines;
  lines.reserve(rows.size());
  for (const SheetRow& row : rows)
    lines.push_back(fmt::format("{} {:<56} {:>10.4g} {:<6} {}", row.good() ? ' ' : '!', row.what, row.value, row.unit,
                                range_text(row)));
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

std::vector<std::string> sheet_warnings(const std::vector<SheetRow>& rows) {
  std::vector<std::string> warnings;
  for (const SheetRow& row : rows)
    if (!row.good())
      warnings.push_back(fmt::format("{}: {:.4g}{}{}, good is {}; {}", row.what, row.value, row.unit.empty() ? "" : " ",
                                     row.unit, range_text(row), row.advice));
  return warnings;
}

}  // namespace tessera
