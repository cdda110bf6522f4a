#include "src/workflow/calibrate/calibrator.hpp"

#include <cmath>

#include "src/base/units.hpp"
#include "src/workflow/calibrate/calibration_output.hpp"
#include "src/workflow/input/pattern_sample.hpp"
#include "src/workflow/options/calibration.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

namespace {

constexpr const char* when = "during calibration; nothing was written";

/// The raw detector and the nominal scan: what is looked for is taken out.
RunOptions as_recorded(RunOptions options) {
  options.detector.flip_y = options.detector.flip_x = options.detector.transpose = false;
  options.detector.centre_px.reset();
  options.detector.bin = 1;
  options.detector.simulate = 1;
  options.scan.rotation_rad = 0;
  return options;
}

bool has_pixel(const DetectorOptions& detector) {
  return detector.pixel_rad || detector.pixel_invA || detector.bright_field_radius_px;
}

/// Any, as long as none is known: shapes and positions do not depend on it.
void assume_pixel(RunOptions& options) {
  constexpr double likely_radius_px = 16;
  if (!has_pixel(options.detector)) options.detector.bright_field_radius_px = likely_radius_px;
}

/// The disc of the mean pattern (collective).
Disc find_disc(const Comm& comm, const RunOptions& options, const Experiment& experiment, const RawPixels& pixels,
               const std::vector<double>& mean, double patterns) {
  Disc disc;
  comm.agree([&] {
    if (!comm.is_root()) return;
    PatternSample all{experiment.raw_ny, experiment.raw_nx, mean};
    for (double& value : all.values) value *= patterns;
    const auto first = pattern_facts(all, pixels.valid, options.data.counts_per_electron).disc;
    const bool seen = first && first->radius_y_px > 0 && first->radius_x_px > 0;
    const auto found = seen ? fit_disc(mean, pixels.valid, experiment.raw_ny, experiment.raw_nx, first->centre_px,
                                       (first->radius_y_px + first->radius_x_px) / 2)
                            : std::nullopt;
    if (!found)
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: the mean of {:.0f} patterns shows no bright-field disc with a rim, which "
                                   "calibration measures all by; more counts (calibrate.patterns), or a mask of what "
                                   "hides it (data.mask), may help",
                                   experiment.source.name, patterns));
    disc = *found;
  });
  comm.broadcast(disc);
  return disc;
}

void broadcast(const Comm& comm, FirstGuess& guess) {
  comm.broadcast(guess.setting);
  comm.broadcast(guess.turn_error_rad);
  comm.broadcast(guess.C10_error_A);
  comm.broadcast(guess.orientation_known);
  comm.broadcast(guess.sign_known);
  comm.broadcast(guess.source);
}

}  // namespace

void Calibrator::look() {
  RunOptions raw = as_recorded(options_);
  assume_pixel(raw);
  experiment_ = load_experiment(comm_, raw);
  const RawPixels pixels = raw_pixels(comm_, raw, experiment_);
  for (const std::string& doubt : pixels.warnings) progress_.warn(doubt);
  part_ = surveyed_part(experiment_, options_.calibrate.patterns);
  const auto patterns = static_cast<double>(part_.positions.size());
  const ReadCheck check = [] { throw_if_stopped(when); };
  progress_.line(fmt::format("{:.0f} of {} patterns of {} x {} pixels are looked at", patterns,
                             experiment_.positions_A.size(), experiment_.raw_ny, experiment_.raw_nx));
  mean_ = tessera::mean_pattern(comm_, experiment_, pixels, part_, check);
  found_.images.disc = find_disc(comm_, raw, experiment_, pixels, mean_, patterns);
  const Disc& disc = found_.images.disc;
  progress_.line(disc_line(disc));
  if (!has_pixel(options_.detector)) options_.detector.bright_field_radius_px = disc.radius_px;
  options_.detector.centre_px = {std::round(disc.centre_px.y), std::round(disc.centre_px.x)};
  survey_ = tessera::survey(comm_, raw, experiment_, pixels, part_, disc,
                            detector_step_invA(options_, experiment_.wavelength_A), check);
  refuse_if_stopped(comm_, when);
  comm_.agree([&] {
    if (comm_.is_root()) look_at_images(pixels);
  });
  broadcast(comm_, found_.guess);
  found_.setting = found_.guess.setting;
}

void Calibrator::prepare_trials(ModelDevice device) {
  trials_.emplace(comm_, options_, experiment_, device);
  trials_->find_room(progress_);
}

void Calibrator::try_out() {
  const Trials& trials = trials_.value();
  progress_.line(fmt::format("trials: {} gradients on {} patterns each, {}", options_.calibrate.gradients,
                             trials.patterns(), trials.patches() == 1 ? "one patch" : "two patches"));
  try_candidates(trials);
  settle_sign();
  for (std::size_t i = 0; i < found_.candidates.size(); ++i)
    progress_.line(fmt::format("  {}{}: loss {:.6g}", found_.candidates[i].setting.orientation().text(),
                               i == found_.choice.best ? " (best)" : "", found_.candidates[i].loss.front()));
  if (!found_.orientation_sure) return;
  refine(trials);
}

/// Root's part.
void Calibrator::look_at_images(const RawPixels& pixels) {
  double sum = 0, squares = 0;
  for (const double e : survey_.tilted.electrons) {
    sum += e;
    squares += e * e;
  }
  const auto n = static_cast<double>(survey_.tilted.electrons.size());
  found_.electrons = sum / n;
  found_.electrons_scatter = sum > 0 ? std::sqrt(std::max(0.0, squares / n - sum * sum / n / n)) / (sum / n) : 0;
  if (part_.raster) {
    found_.images.deflection = find_by_deflection(survey_.deflections, part_.step);
    found_.images.tilt = find_by_tilt(survey_.tilted, part_.step);
  }
  found_.images.noise = detector_noise(read_sample(experiment_.source, experiment_.pattern_index), pixels.valid);
  found_.guess = first_guess(given_setting(options_), found_.images, options_.beam.semiangle_rad.value());
}

void Calibrator::try_candidates(const Trials& trials) {
  const std::vector<Setting> settings = eight_ways(found_.guess.setting);
  for (const Setting& setting : settings) found_.candidates.push_back({setting, {}, {}, {}});
  for (std::size_t patch = 0; patch < trials.patches(); ++patch) {
    std::vector<TrialResult> results = trials.run(settings, patch, {.gradients = trials.gradients()});
    for (std::size_t i = 0; i < results.size(); ++i) {
      found_.candidates[i].loss.push_back(results[i].loss);
      found_.candidates[i].start_loss.push_back(results[i].start_loss);
      if (patch == 0) found_.candidates[i].phase = std::move(results[i].phase);
    }
    refuse_if_stopped(comm_, when);
  }
  found_.choice = choose(found_.candidates);
  // Images that are sure need no trial to agree by much, only none to contradict.
  const bool confirmed = found_.guess.orientation_known && found_.choice.best == 0 && found_.choice.lead > 0;
  found_.orientation_sure = found_.choice.sure() || confirmed;
  found_.setting = found_.candidates[found_.choice.best].setting;
  found_.rotation_error_rad = found_.guess.turn_error_rad;
}

/// Of the two twins the one with bright atoms.
void Calibrator::settle_sign() {
  if (comm_.is_root()) found_.skewness = skewness_of(found_.candidates[found_.choice.best].phase);
  comm_.broadcast(found_.skewness);
  const bool told = found_.guess.sign_known && found_.choice.best == 0;
  found_.sign_sure = told || std::abs(found_.skewness.value) > 3 * found_.skewness.error;
  // Where the image does not tell, the run file's C10 does, if it has one.
  const double given_A = given_setting(options_).C10_A();
  const bool by_run_file = !found_.sign_sure && given_A != 0;
  const bool inverted = by_run_file ? given_A * found_.setting.C10_A() < 0 : !told && found_.skewness.value < 0;
  if (!inverted) return;
  found_.setting = found_.setting.mirror_twin();
  for (Candidate& candidate : found_.candidates) {
    candidate.setting = candidate.setting.mirror_twin();
    for (double& value : candidate.phase.values) value = -value;
  }
}

/// First C10, then the two parts of C12 along the raw detector's axes, each from where the last one ended: images of a
/// coarse scan tell both some per cent too small.
void Calibrator::refine_defocus(const Trials& trials) {
  const double semiangle_rad = options_.beam.semiangle_rad.value();
  const double depth_A = experiment_.wavelength_A / (semiangle_rad * semiangle_rad);
  const double guess_error_A = found_.guess.C10_error_A;
  const double spacing_A = guess_error_A > 0 ? std::max(2 * guess_error_A, depth_A / 8) : depth_A / 2;
  const auto look_along = [&](const Matrix2& direction, double start_A, const char* what, Minimum& into) {
    const Setting start = found_.setting;
    const auto with = [&](double at_A) {
      Setting next = start;
      for (std::size_t i = 0; i < 4; ++i) next.defocus_A[i] += (at_A - start_A) * direction[i];
      return next;
    };
    const Minimum minimum = find_minimum(trials, start_A, spacing_A, with);
    tell(what, minimum, 1, "A");
    if (!minimum.found) return;
    found_.setting = with(minimum.at);
    into = minimum;
  };
  look_along({1, 0, 0, 1}, found_.setting.C10_A(), "C10", found_.C10_A);
  const Matrix2 guess_A = found_.setting.defocus_A;
  look_along({-1, 0, 0, 1}, (guess_A[3] - guess_A[0]) / 2, "C12 along the detector's axes", found_.C12_cos_A);
  look_along({0, 1, 1, 0}, guess_A[1], "C12 between them", found_.C12_sin_A);
}

void Calibrator::refine_rotation(const Trials& trials) {
  constexpr double least_spacing_rad = 2 * units::rad_per_degree;
  found_.setting.flips = found_.setting.orientation();
  const Setting start = found_.setting;
  const auto with = [&](double rad) {
    Setting next = start;
    next.to_scan = product(transposed(turn(rad, false)), start.to_scan);
    return next;
  };
  const Minimum change = find_minimum(trials, 0, std::max(least_spacing_rad, 2 * found_.guess.turn_error_rad), with);
  tell("rotation, change of", change, 1 / units::rad_per_degree, "degrees");
  const bool told = found_.guess.orientation_known && found_.choice.best == 0;
  if (!change.found) return;
  if (told && change.error > found_.guess.turn_error_rad) {
    progress_.line("  images tell the rotation better than trials do: it is left as they say");
    return;
  }
  found_.setting = with(change.at);
  found_.rotation_error_rad = change.error;
}

Minimum Calibrator::refined_step(const Trials& trials) {
  constexpr double spacing_of_scale = 0.02;
  const Setting start = found_.setting;
  const Minimum minimum = find_minimum(trials, start.step_scale, spacing_of_scale, [&](double scale) {
    Setting next = start;
    next.step_scale = scale;
    return next;
  });
  tell("scan step, factor of", minimum, 1, "");
  return minimum;
}

/// C10 and the step displace images alike: with a wrong one the other has its minimum beside the truth.
void Calibrator::refine(const Trials& trials) {
  refine_defocus(trials);
  refine_rotation(trials);
  const auto differs = [](const Minimum& step) {
    return step.found && step.error < 0.02 && std::abs(step.at - 1) > std::max(0.01, 3 * step.error);
  };
  found_.step_scale = refined_step(trials);
  found_.step_differs = differs(found_.step_scale);
  if (found_.step_differs) {
    found_.setting.step_scale = found_.step_scale.at;
    refine_defocus(trials);
    if (const Minimum again = refined_step(trials); differs(again)) {
      found_.step_scale = again;
      found_.setting.step_scale = again.at;
    }
  }
  refuse_if_stopped(comm_, when);
}

void Calibrator::tell(const char* what, const Minimum& minimum, double unit, const char* name) {
  progress_.line(minimum.found
                     ? fmt::format("  {}: {:.6g} +- {:.2g} {}", what, minimum.at * unit, minimum.error * unit, name)
                     : fmt::format("  {}: no minimum near {:.6g} {}", what, minimum.at * unit, name));
}

}  // namespace tessera
