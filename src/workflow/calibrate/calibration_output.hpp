#pragma once

#include <string>
#include <vector>

#include "src/workflow/calibrate/findings.hpp"
#include "src/workflow/options/options.hpp"

namespace tessera {

/// What goes into the new run file, each with its uncertainty in words; what was not found is left as it was.
std::vector<FoundValue> found_values(const RunOptions& options, const Calibration& found);

/// run.calibrated: which program found them, from which run file, and when, unless the run is `reproducible`.
FoundValue calibration_mark(const std::string& run_file, bool reproducible);

/// What is known of the disc, in one line.
std::string disc_line(const Disc& disc);

/// What was found and what could not be, a line each.
std::vector<std::string> report_lines(const RunOptions& options, const Calibration& found);

/// The same of a preview, which tries nothing.
std::vector<std::string> preview_lines(const Calibration& found);

/// calibration.json: every figure with its error and whether it is sure.
std::string calibration_json(const Calibration& found);

}  // namespace tessera
