#pragma once

#include <optional>
#include <vector>

#include "src/workflow/calibrate/findings.hpp"
#include "src/workflow/calibrate/survey.hpp"

namespace tessera {

/// What calibration does between the run file and its outputs. All is collective.
class Calibrator {
 public:
  Calibrator(const Comm& comm, RunOptions options, Progress& progress)
      : comm_(comm), options_(std::move(options)), progress_(progress) {}

  /// Reads a part of the scan twice: mean pattern and disc, then images and centres of mass; what these tell is the
  /// first guess.
  void look();
  /// After `look`: which patterns are tried, and whether there is memory for that.
  void prepare_trials(ModelDevice device);
  /// Short reconstructions: the eight ways of the detector, which of the two twins has bright atoms, and then defocus,
  /// rotation and scan step.
  void try_out();

  const Calibration& found() const { return found_; }
  /// With the disc's radius and centre in them.
  const RunOptions& options() const { return options_; }
  const Experiment& experiment() const { return experiment_; }
  const Survey& survey() const { return survey_; }  ///< on root
  const SurveyedPart& part() const { return part_; }
  const std::vector<double>& mean_pattern() const { return mean_; }  ///< [ky, kx] counts; on root

 private:
  void look_at_images(const RawPixels& pixels);
  void try_candidates(const Trials& trials);
  void settle_sign();
  void refine(const Trials& trials);
  void refine_defocus(const Trials& trials);
  void refine_rotation(const Trials& trials);
  Minimum refined_step(const Trials& trials);
  void tell(const char* what, const Minimum& minimum, double unit, const char* name);

  const Comm& comm_;
  RunOptions options_;
  Progress& progress_;
  Experiment experiment_;
  SurveyedPart part_;
  std::vector<double> mean_;
  Survey survey_;
  std::optional<Trials> trials_;
  Calibration found_;
};

}  // namespace tessera
