#pragma once

#include <string>
#include <vector>

#include "src/workflow/calibrate/findings.hpp"
#include "src/workflow/calibrate/survey.hpp"
#include "src/workflow/options/options.hpp"

namespace tessera {

/// What goes into the new run file, each with its uncertainty in words; what was not found is left as it was.
std::vector<FoundValue> found_values(const RunOptions& options, const Calibration& found);

/// What is known of the disc, in one line.
std::string disc_line(const Disc& disc);

/// What was found and what could not be, a line each.
std::vector<std::string> report_lines(const RunOptions& options, const Calibration& found);

/// calibration.json: every figure with its error and whether it is sure.
std::string calibration_json(const Calibration& found);

/// mean_pattern.png, dpc.png, bright_field.png (the sum of the displaced images) and candidates.png. Root only.
void write_calibration_pictures(const std::string& directory, const Calibration& found, const Survey& survey,
                                const SurveyedPart& part, const std::vector<double>& mean,
                                const Experiment& experiment);

}  // namespace tessera
