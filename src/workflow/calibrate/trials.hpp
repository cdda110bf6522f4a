#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "src/workflow/calibrate/orientation.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/reconstruct/trial.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// What trials compare: all that calibration looks for.
struct Setting {
  Matrix2 to_scan{1, 0, 0, 1};    ///< W of Orientation
  Matrix2 defocus_A{0, 0, 0, 0};  ///< symmetric, along the raw detector's axes: C10 and C12
  double step_scale = 1;          ///< of all positions about their mean

  /// Kept while a rotation is refined, also beyond 45 degrees: which pixels are held out is told by their places in the
  /// turned pattern, and losses of other pixels cannot be compared.
  std::optional<Orientation> flips = {};

  Orientation orientation() const { return flips ? turned_to(*flips, to_scan) : orientation_of(to_scan); }
  double C10_A() const { return (defocus_A[0] + defocus_A[3]) / 2; }
  /// Magnitude [A] and azimuth [rad] of C12 along the final axes.
  std::array<double, 2> C12() const;
  /// The same data from the complex conjugate object: detector turned by 180 degrees, all aberrations of even order in
  /// angle of the other sign. No loss can tell the two apart; that atoms are bright does.
  Setting mirror_twin() const;
};

/// How long a trial goes on, and the share of the pixels that it does not see.
struct Effort {
  int gradients = 0;
  double held_out = 0;
};

/// The options with a setting in them, for a trial: the object from vacuum, the probe from its optics and fixed, one
/// mode, no regulariser.
RunOptions trial_options(const RunOptions& options, const Setting& setting, const Effort& effort);

/// Short reconstructions of a few settings at once, on patches of the scan; ranks share them out.
class Trials {
 public:
  Trials(const Comm& comm, const RunOptions& options, const Experiment& experiment, ModelDevice device);

  /// 1, or 2 patches that have no pattern in common where the scan is large enough.
  std::size_t patches() const { return patches_.size(); }
  Index patterns() const { return static_cast<Index>(patches_.front().size()); }
  int gradients() const { return options_.calibrate.gradients; }
  /// Refuses trials for which there is no memory, before the first; keeps few waves where that makes room (collective).
  void find_room(Progress& progress);
  /// The results of each setting on a patch, on every rank the losses, on root the phases, too (collective).
  std::vector<TrialResult> run(const std::vector<Setting>& settings, std::size_t patch, const Effort& effort) const;

 private:
  const Comm& comm_;
  RunOptions options_;
  ModelDevice device_;
  std::vector<std::vector<Index>> patches_;
};

/// Where a function of one number is least, from its values at equal distances.
struct Minimum {
  double at = 0;
  double error = 0;    ///< the largest of an eighth of the spacing, what counting noise leaves, half the difference of
                       ///< the patches, and how far twice the gradients moved it
  bool found = false;  ///< it lies between values that were tried, on every patch
};

/// Looks for the value whose setting has the smallest loss: a parabola through the least of five values `spacing`
/// apart, which move until it lies within, then the same with half the spacing and twice the gradients, on each patch.
/// A short reconstruction has not made up its mind about all of the object, which shifts the minimum by more than
/// counting noise does, 1/sqrt(d^2 loss/d value^2): how far more gradients move it tells. Half of the pixels are held
/// out (run_trial): a larger step or probe lights more of the object, which is more to fit noise with, and at few
/// electrons the loss of what is fitted would be least beside the truth (collective).
Minimum find_minimum(const Trials& trials, double start, double spacing,
                     const std::function<Setting(double)>& setting_of);

/// Third moment of an image over the 3/2 power of its second, and its standard deviation (16 parts, each left out
/// once).
struct Skewness {
  double value = 0, error = 0;
};
Skewness skewness_of(const Image& image);

}  // namespace tessera
