#pragma once

#include <optional>
#include <string>

#include "src/workflow/report/result_slices.hpp"
#include "src/workflow/report/run_files.hpp"

namespace tessera {

// The parts of a report, as HTML; each is empty where the files have nothing for it.

/// Name, state, why it ended, and the figures that one looks at first.
std::string page_header(const RunFiles& files, const std::optional<ResultSummary>& result);
/// Errors and warnings.
std::string page_notes(const RunFiles& files);
/// The phase, slices with a slider, the probe.
std::string page_pictures(const RunFiles& files, const std::optional<ResultSummary>& result);
/// Loss, held-out loss and how unknowns moved.
std::string page_convergence(const RunFiles& files);
/// What the model leaves unexplained, over the scan and over the detector.
std::string page_residuals(const RunFiles& files);
/// What other commands found, by their files: resolution, compare, calibrate and preprocess.
std::string page_found(const RunFiles& files);
/// What was refined beside object and probe.
std::string page_unknowns(const RunFiles& files);
/// The sampling sheet.
std::string page_sampling(const RunFiles& files);
/// Seconds by phase, memory, exchange.
std::string page_time(const RunFiles& files);
/// Program, versions, machine.
std::string page_provenance(const RunFiles& files);
/// resolved.yaml and run.log.
std::string page_files(const RunFiles& files);

/// The picture of that name with its caption, or nothing.
std::string page_picture(const RunFiles& files, const char* name, const std::string& alternative,
                         const std::string& caption);
/// A number with four digits.
std::string short_number(double value);
/// A length in angstrom, or in nanometres where it is long.
std::string length_text(double length_A);

}  // namespace tessera
