#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "src/workflow/input/pattern_facts.hpp"

namespace tessera {

/// One figure about an experiment, with the range in which it is good and what to do outside of it.
struct SheetRow {
  std::string key;   ///< in metrics.json, with its unit
  std::string what;  ///< as users read it
  double value = 0;
  std::string unit = {};
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  std::string advice = {};
  bool good() const { return value >= least && value <= most; }
};

/// What the sheet is made from; what is not known stays empty.
struct SheetInput {
  std::optional<double> wavelength_A = {}, semiangle_rad = {};
  std::optional<double> dk_y_invA = {}, dk_x_invA = {};  ///< pixel of the file's patterns
  std::optional<double> probe_radius_A = {};             ///< empty: from wavelength, semi-angle and C10
  double C10_A = 0;
  PointYX centre_px = {};  ///< of the patterns in the file, as the run takes it
  double counts_per_electron = 1;
  Index patterns = 0, ny = 0, nx = 0;  ///< in the file
  std::vector<PointYX> positions_A = {};
  std::optional<PatternFacts> facts = {};
  std::vector<double> gaps_A = {};                           ///< between slices
  std::optional<double> unknowns = {};                       ///< real numbers that are refined
  std::optional<double> data = {};                           ///< values that are fitted
  std::optional<double> memory_B = {}, memory_there_B = {};  ///< of the largest rank
  std::optional<double> disk_B = {}, disk_there_B = {};
  std::optional<double> seconds = {};  ///< a whole run, about
};

/// Radius of the illuminated disc [A]: Airy radius 0.61 lambda/alpha plus the defocused cone |C10| alpha.
double probe_radius_A(double wavelength_A, double semiangle_rad, double C10_A);

/// The figures that can be told, in the order in which one plans an experiment: scan, probe, detector, counts,
/// specimen, cost. Overlaps and the Ronchigram's magnification after Gilgenbach, Chen and LeBeau (Microsc. Microanal.
/// 30, 703, 2024), in the definitions that README.md gives.
std::vector<SheetRow> sampling_sheet(const SheetInput& input);

/// A line for each row: what, value, unit, good range; "!" marks what is outside.
std::vector<std::string> sheet_lines(const std::vector<SheetRow>& rows);

/// A warning for each row outside its range.
std::vector<std::string> sheet_warnings(const std::vector<SheetRow>& rows);

}  // namespace tessera
