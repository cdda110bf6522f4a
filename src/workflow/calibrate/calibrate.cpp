#include "src/workflow/calibrate/calibrate.hpp"

#include <filesystem>

#include "io/output_folder.hpp"
#include "io/text_file.hpp"
#include "src/model/forward_model.hpp"
#include "src/workflow/calibrate/calibration_output.hpp"
#include "src/workflow/calibrate/calibration_pictures.hpp"
#include "src/workflow/calibrate/calibrator.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/probe_fit.hpp"
#include "src/workflow/start/fft_plans.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

namespace {

constexpr const char* new_file = "/calibrated.yaml";

/// Makes the folder this run's (collective).
void own(const Comm& comm, const RunOptions& options, const CommandLine& line, RunRecord& record,
         std::optional<std::string>& warning) {
  const std::string& folder = options.output.directory;
  comm.agree([&] {
    if (!comm.is_root()) return;
    require_writable_folder(folder, "output.directory");
    const bool calibrated = std::filesystem::exists(folder + new_file);
    if (calibrated && line.preview)
      throw InputError(
          ExitCode::cannot_create,
          fmt::format("{} holds a calibration, whose pictures a preview would replace; give it another folder: "
                      "--set output.directory=preview",
                      folder));
    if (calibrated && !line.force)
      throw InputError(ExitCode::cannot_create, fmt::format("{}{} exists; --force overwrites it", folder, new_file));
    if (!line.dry_run) make_folder(folder, "output.directory");
  });
  if (!line.dry_run) warning = record.own(folder + "/run.lock", "output.directory " + folder);
}

/// Refuses a guess that trials cannot start from, and makes the transforms' plans, so that planning is not a part of
/// the first trial of every rank.
void prepare(const Comm& comm, Progress& progress, const RunOptions& options, const Setting& guess) {
  const RunOptions trial = trial_options(options, guess, {.gradients = options.calibrate.gradients});
  const Experiment experiment = load_experiment(comm, trial);
  const Grid& window = experiment.window;
  check_fits(computed_probe(trial.beam, window, experiment.wavelength_A), trial.beam, window, experiment.wavelength_A);
  const ModelShape shape{.window = experiment.window, .modes = 1, .slices = trial.object.slices};
  const Propagation propagation{.wavelength_A = experiment.wavelength_A,
                                .kind = trial.propagation.kind,
                                .band_limit = band_limit(trial.propagation),
                                .taper = trial.propagation.taper,
                                .transmission = trial.propagation.transmission};
  share_fft_plans<float>(comm, progress, [&] { make_fft_plans<float>(shape, propagation); });
}

void write_pictures(const std::string& folder, const Calibrator& calibrator) {
  write_calibration_pictures(folder, calibrator.found(), calibrator.survey(), calibrator.part(),
                             calibrator.mean_pattern(), calibrator.experiment(),
                             calibrator.options().beam.semiangle_rad.value());
}

int finish_preview(const Comm& comm, const std::string& folder, const Calibrator& calibrator, RunRecord& record,
                   Progress& progress) {
  record.require_owned();
  comm.agree([&] {
    if (comm.is_root()) write_pictures(folder, calibrator);
  });
  for (const std::string& said : preview_lines(calibrator.found())) progress.line(said);
  progress.line(fmt::format("wrote the pictures of {}", folder));
  return 0;
}

}  // namespace

std::string calibrate_config(const CommandLine& line) {
  return looked_up_config(line.run_file, line.sets, Command::calibrate);
}

int run_calibrate(const Comm& comm, const CommandLine& line, RunRecord& record) {
  const std::string text = read_run_file(comm, line.run_file);
  const FoundInFile told = look_at_data(comm, text, line.run_file, line.sets);
  const RunOptions options = parse_run_options(text, line.run_file, line.sets, Command::calibrate, told);
  std::optional<std::string> warning;
  own(comm, options, line, record, warning);
  const std::string& folder = options.output.directory;
  Progress progress(comm, line.dry_run ? "" : folder + "/calibrate.log", line.quiet);
  if (warning) progress.warn(*warning);
  for (const std::string& doubt : told.warnings) progress.warn(doubt);
  for (const std::string& said : told_by_file(text, line.run_file, line.sets, Command::calibrate, told))
    progress.line(said);
  const ModelDevice device = choose_device(comm, options, progress);
  Calibrator calibrator(comm, options, progress);
  calibrator.look();
  if (line.preview) return finish_preview(comm, folder, calibrator, record, progress);
  calibrator.prepare_trials(device);
  if (line.dry_run) return 0;
  prepare(comm, progress, calibrator.options(), calibrator.found().guess.setting);
  calibrator.try_out();
  const Calibration& found = calibrator.found();
  std::vector<FoundValue> values = found_values(options, found);
  values.push_back(calibration_mark(line.run_file, options.run.reproducible));
  record.require_owned();
  comm.agree([&] {
    if (!comm.is_root()) return;
    write_pictures(folder, calibrator);
    write_text_atomically(folder + "/calibration.json", calibration_json(found));
    write_text_atomically(folder + new_file,
                          resolved_yaml(text, line.run_file, line.sets, values, Command::calibrate, told));
  });
  for (const std::string& said : report_lines(options, found)) progress.line(said);
  progress.line(fmt::format("wrote {}{}", folder, new_file));
  return 0;
}

}  // namespace tessera
