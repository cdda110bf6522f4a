#pragma once

#include <optional>
#include <string>

#include "src/model/virtual_detectors.hpp"
#include "src/workflow/preprocess/disc.hpp"
#include "src/workflow/preprocess/distortion.hpp"
#include "src/workflow/preprocess/pattern_chain.hpp"
#include "src/workflow/preprocess/statistics.hpp"
#include "src/workflow/preprocess/step_log.hpp"

namespace tessera {

// The steps in their order: each decides something, says what, and draws it. All are collective and give every rank the
// same.

/// What the steps work with.
struct StepPlace {
  const Comm& comm;
  const RunOptions& options;
  PatternReader& reader;
  const PreprocessInput& input;
  RoundPlan plan;
  StepLog& log;

  std::string dataset() const { return reader.source().name; }
};

/// data.subset, preprocess.dark and flat, data.mask.
Correction first_correction(const StepPlace& place);

/// Whether a step needs to know all patterns before it changes one.
bool needs_statistics(const PreprocessOptions& steps);

/// The pass over all patterns; with a histogram where electrons are to be found in it.
PatternStatistics take_statistics(const StepPlace& place, const Correction& correction);

/// preprocess.bad_pixels: fewer valid pixels.
void mask_bad_pixels(const StepPlace& place, const PatternStatistics& statistics, Correction& correction);

/// What one electron counts in the patterns that are written; sets how pixels become whole electrons.
double calibrate_counting(const StepPlace& place, const PatternStatistics& statistics, Correction& correction);

/// preprocess.distortion; empty: none.
Undistort find_distortion(const StepPlace& place);

/// Centre, ellipse, rotation, crop, sums and padding.
DetectorGeometry find_geometry(const StepPlace& place, const PatternStatistics& statistics,
                               const Correction& correction, const Undistort& undistort);

/// Throws the same InputError on every rank where crop, sums and padding do not fit into each other.
void require_shapes(const DetectorGeometry& geometry, const PreprocessOptions& steps);

/// preprocess.descan: by how much each position's pattern is moved; empty: by nothing.
std::vector<PixelShift> find_shifts(const StepPlace& place, const PatternStatistics& statistics,
                                    const Correction& correction);

/// preprocess.lattice: scan.affine from vectors that are given, or nothing.
std::optional<std::array<double, 4>> given_affine(const StepPlace& place);

/// The same from the lattice that the scan shows: a pass over all patterns.
std::array<double, 4> fitted_affine(const StepPlace& place, const Correction& correction);

/// preprocess.compress: the sums that are kept, or nothing.
std::optional<VirtualDetectors> find_sums(const StepPlace& place, const PatternStatistics& statistics,
                                          const Correction& correction, PatternChain& chain);

/// What patterns have become; `mean` [ky, kx] of those that are written.
void tell_frame(const StepPlace& place, const DetectorGeometry& geometry, const PatternChain& chain,
                std::span<const double> mean);

/// What lists of the electrons of all patterns, [position], take in the place of pixels of `pixel_bytes` each.
void tell_events(const StepPlace& place, const PatternChain& chain, const std::vector<double>& electrons,
                 Index pixel_bytes);

/// What was found of the electrons of all patterns, [position].
void tell_dose(const StepPlace& place, const std::vector<double>& electrons);

}  // namespace tessera
