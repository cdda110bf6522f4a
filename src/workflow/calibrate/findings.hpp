#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/workflow/calibrate/deflection.hpp"
#include "src/workflow/calibrate/detector_noise.hpp"
#include "src/workflow/calibrate/disc.hpp"
#include "src/workflow/calibrate/tilted_images.hpp"
#include "src/workflow/calibrate/trials.hpp"

namespace tessera {

/// What images of the scan tell before any reconstruction.
struct ImageFindings {
  Disc disc;
  std::optional<DeflectionFinding> deflection;
  std::optional<TiltFinding> tilt;
  std::optional<DetectorNoise> noise;
};

/// Where the trials begin.
struct FirstGuess {
  Setting setting;
  double turn_error_rad = 0;
  double C10_error_A = 0;          ///< that of C12, too; 0: the images say nothing of either
  bool orientation_known = false;  ///< by the images, up to mirror_twin
  bool sign_known = false;         ///< which of the twins
  std::string source;              ///< what told the orientation
};

/// The setting that a run file itself describes.
Setting given_setting(const RunOptions& options);

/// Orientation from deflections or tilted images, whichever is surer, and defocus from the latter; what they do not
/// tell is as given. `semiangle_rad` at the disc's rim.
FirstGuess first_guess(const Setting& given, const ImageFindings& images, double semiangle_rad);

/// One of the eight ways in which the detector may lie.
struct Candidate {
  Setting setting;
  std::vector<double> loss;  ///< [patch]
  std::vector<double> start_loss;
  Image phase;  ///< of the first patch; on root
};

/// The setting with each mirror image and quarter turn of the detector, the setting itself first.
std::vector<Setting> eight_ways(const Setting& setting);

/// The candidate with the smallest loss and how far the next one lies above it, as a share of what the best explains
/// of the misfit of an empty object, on the patch where that is least.
struct Choice {
  std::size_t best = 0;
  double lead = 0;  ///< negative where two patches do not agree
  bool sure() const { return lead > 0.02; }
};
Choice choose(const std::vector<Candidate>& candidates);

/// All that was found, for the run file, the JSON and the log.
struct Calibration {
  ImageFindings images;
  FirstGuess guess;
  std::vector<Candidate> candidates;
  Choice choice;
  Setting setting;  ///< the outcome
  Skewness skewness;
  bool orientation_sure = false, sign_sure = false;
  double rotation_error_rad = 0;
  Minimum C10_A, C12_cos_A, C12_sin_A;  ///< C12 cos 2 phi and sin 2 phi along the raw detector's axes
  Minimum step_scale;
  /// By more than its error, and by a hundredth: less is for refine.positions to find.
  bool step_differs = false;
  double electrons = 0, electrons_scatter = 0;  ///< of a pattern: mean, relative scatter
};

}  // namespace tessera
