#pragma once

#include <string>
#include <vector>

#include "src/workflow/calibrate/findings.hpp"
#include "src/workflow/calibrate/survey.hpp"

namespace tessera {

/// mean_pattern.png, dpc.png, bright_field.png (the sum of the displaced images), parallax.png (the phase from it, out
/// of focus) and candidates.png (where there are any). `semiangle_rad` of the aperture. Root only.
void write_calibration_pictures(const std::string& directory, const Calibration& found, const Survey& survey,
                                const SurveyedPart& part, const std::vector<double>& mean, const Experiment& experiment,
                                double semiangle_rad);

}  // namespace tessera
