#include "src/workflow/reconstruct/reconstruct.hpp"

#include <optional>
#include <utility>

#include "src/arrays/stage.hpp"
#include "src/base/clock.hpp"
#include "src/optimisation/curvature.hpp"
#include "src/optimisation/petsc_options.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/input/weighted_data.hpp"
#include "src/workflow/options/options.hpp"
#include "src/workflow/options/options_check.hpp"
#include "src/workflow/options/yaml_file.hpp"
#include "src/workflow/provenance/run_facts.hpp"
#include "src/workflow/provenance/sample.hpp"
#include "src/workflow/reconstruct/dry_run.hpp"
#include "src/workflow/reconstruct/gradient_report.hpp"
#include "src/workflow/reconstruct/joint_errors.hpp"
#include "src/workflow/reconstruct/kept_waves.hpp"
#include "src/workflow/reconstruct/memory_forecast.hpp"
#include "src/workflow/reconstruct/model_device.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"
#include "src/workflow/reconstruct/problem_setup.hpp"
#include "src/workflow/reconstruct/reconstruction_output.hpp"
#include "src/workflow/reconstruct/run_end.hpp"
#include "src/workflow/reconstruct/run_folder.hpp"
#include "src/workflow/reconstruct/run_sheet.hpp"
#include "src/workflow/reconstruct/solve_settings.hpp"
#include "src/workflow/start/check_memory.hpp"
#include "src/workflow/start/fft_plans.hpp"
#include "src/workflow/start/interrupt.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

namespace {

constexpr const char* before_solve = "before the solve; no result was written";

/// The run of one precision, from the data on.
template <class Real>
class Reconstruction {
 public:
  Reconstruction(const Comm& comm, const RunOptions& options, OutputPlace place, RunRecord& record, Progress& progress,
                 RunFigures figures)
      : comm_(comm),
        options_(options),
        place_(std::move(place)),
        record_(record),
        progress_(progress),
        figures_(std::move(figures)) {}

  int run(const Experiment& experiment, const CommandLine& line) {
    const SolveSettings settings = solve_settings(options_);
    const Tiling tiling = make_tiling(experiment.placements, experiment.frame, experiment.window, comm_.size(),
                                      options_.object.margin_px);
    const std::vector<Index> mine = tiling.positions_of(comm_.rank(), experiment.placements, experiment.window);
    const ModelDevice device = choose_device(comm_, options_, progress_);
    ProblemSetup setup = problem_setup(comm_, options_, experiment, tiling, mine, device.kind);
    setup.halo = choose_halo_path(comm_, options_, device.kind, progress_);
    require_pattern_split(comm_, options_, setup.held_out, setup.ids);
    const LoadForecast load = forecast_load(comm_, options_, experiment, mine);
    const auto positions = static_cast<double>(mine.size());
    const DeviceKind patterns_on = choose_pattern_device(options_, device, positions * load.pattern_bytes);
    const auto forecast_of = [&](Index kept_every) {
      return forecast_memory(options_, experiment, tiling, comm_.rank(), positions, load,
                             held_vectors(options_, settings),
                             {.model_on_gpu = device.kind == DeviceKind::cuda,
                              .patterns_on_gpu = patterns_on == DeviceKind::cuda,
                              .kept_every = kept_every});
    };
    ModelShape& shape = setup.model.shape;
    shape.kept_every = choose_kept_waves(comm_, options_, device, forecast_of, progress_);
    const MemoryForecast forecast = forecast_of(shape.kept_every);
    const MemoryNeed& need = forecast.host;
    check_memory(comm_, progress_, need);
    check_gpu_memory(comm_, forecast.gpu, device.room_bytes);
    const RawPixels pixels = raw_pixels(comm_, options_, experiment);
    if (!line.check_gradient) foretell(experiment, pixels, shape, need, positions);
    if (line.dry_run && !line.check_gradient) {
      dry_run(comm_, options_, experiment, pixels, std::move(setup), mine, need, progress_);
      refuse_warnings(comm_, options_, progress_);
      return static_cast<int>(ExitCode::done);
    }
    // All of a GPU but patterns and object is for the waves of a batch.
    shape.batch = choose_batch(options_, shape, static_cast<Index>(mine.size()), sizeof(Real),
                               device.room_bytes - forecast.gpu.bytes());
    Problem<Real>& problem = make_problem(experiment, line, tiling, mine, pixels, std::move(setup), patterns_on);
    require_split(options_.solve, problem.pixels(), "pixels");
    if (const auto doubt = set_initial_object(options_, experiment, problem)) progress_.warn(*doubt);
    describe(problem, experiment, settings);
    refuse_warnings(comm_, options_, progress_);
    if (line.check_gradient) return report_gradients(problem, !options_.regularisers.empty(), progress_);
    if (!options_.regularisers.empty()) problem.set_penalty_unit(penalty_unit(problem));
    refuse_if_stopped(comm_, before_solve);
    problem.set_interrupt_check([] { return pending_signal() != 0; });
    figures_.solve =
        solve<Real>(problem, settings, [&](const Iterate& iterate) { tell(problem, experiment, settings, iterate); });
    return finish(problem, experiment);
  }

 private:
  /// Reads the data and makes all that the solve needs of them (collective).
  Problem<Real>& make_problem(const Experiment& experiment, const CommandLine& line, const Tiling& tiling,
                              const std::vector<Index>& mine, const RawPixels& pixels, ProblemSetup setup,
                              DeviceKind patterns_on) {
    LoadedPatterns loaded =
        load_patterns(comm_, options_, experiment, pixels, mine, patterns_on, [] { throw_if_stopped(before_solve); });
    setup.model.detector = detector_setup(experiment, loaded.live);
    setup.model.detector.psf_radius_px = psf_radius_px(options_.detector.psf_px);
    figures_.read_s = now_s() - start_s_;
    figures_.read_amplification = loaded.read_cost.amplification();
    figures_.predicted_bytes = loaded.peak_bytes;
    const std::optional<std::string> warning = read_warning(loaded.read_cost, experiment.source.name);
    if (warning) progress_.warn(*warning);
    for (const std::string& doubt : loaded.warnings) progress_.warn(doubt);
    use_channels(experiment, mine, loaded, setup.model);
    const ComplexImage probe = starting_probe(comm_, options_, experiment, mine, setup.model, loaded);
    weigh_data(comm_, options_, setup.model.detector.set_of, probe, setup.model, loaded);
    figures_.mean_electrons = loaded.mean_electrons;
    refuse_if_stopped(comm_, before_solve);
    setup.model.shape.batch = batch_with_room<Real>(comm_, options_, setup, tiling.work[comm_.rank()], progress_);
    const auto make_plans = [&] { make_fft_plans<Real>(setup.model.shape, setup.model.propagation); };
    share_fft_plans<Real>(comm_, progress_, make_plans, line.dry_run ? PlanCache::read : PlanCache::write);
    refuse_if_stopped(comm_, before_solve);
    comm_.agree([&] { problem_.emplace(comm_, std::move(setup), std::move(loaded.measurement), probe); });
    return *problem_;
  }

  /// What is told, kept and written of an iterate.
  void tell(Problem<Real>& problem, const Experiment& experiment, const SolveSettings& settings,
            const Iterate& iterate) {
    IterationLine line{.iteration = iterate.iteration,
                       .iterations = settings.iterations,
                       .loss = iterate.loss,
                       .gradient_norm = iterate.gradient_norm,
                       .gradients = iterate.gradients,
                       .seconds = iterate.seconds};
    if (iterate.loss_per_pixel)
      line.loss_per_pixel = {iterate.loss_per_pixel->fitted, iterate.loss_per_pixel->held_out};
    if (!first_line_) first_line_ = line;
    line.seconds_left = seconds_left(*first_line_, line);
    progress_.iteration(line);
    record_.progress(line);
    const int every = options_.output.every;
    add_to(figures_.histories, summarise(problem));
    if (every == 0 || iterate.iteration == 0 || iterate.iteration % every != 0) return;
    figures_.solve = *iterate.so_far;
    write(problem, experiment);
  }

  /// Refuses a result that the disk has no room for, and tells the sampling sheet.
  void foretell(const Experiment& experiment, const RawPixels& pixels, const ModelShape& shape, const MemoryNeed& need,
                double positions) {
    const Index result = result_bytes<Real>(shape, experiment);
    require_room(comm_, place_, result);
    const SolveOptions& solve = options_.solve;
    const RunCost cost{.memory_bytes = comm_.max(need.bytes()),
                       .result_bytes = static_cast<double>(result),
                       .most_positions = comm_.max(positions),
                       .gradients = static_cast<double>(solve.max_gradients.value_or(solve.iterations))};
    figures_.sheet = run_sheet(comm_, options_, experiment, pixels, cost);
    tell_sheet(progress_, figures_.sheet);
  }

  /// What this rank will hold at most, before the solve starts: counted, where the forecast only reckoned.
  std::size_t predicted_bytes(Problem<Real>& problem, const SolveSettings& settings) const {
    std::size_t reals = 0;
    for (const SolverBlock& block : solver_blocks(problem))
      if (settings.refine.contains(block.name)) reals += static_cast<std::size_t>(block.local_size);
    const double vectors = held_vectors(options_, settings);
    // The solver's vectors are gone when the last result is written, but not when an intermediate one is.
    const std::size_t output = options_.output.every > 0 ? output_bytes(problem) : 0;
    return problem.bytes() + static_cast<std::size_t>(vectors * static_cast<double>(reals * sizeof(double))) + output;
  }

  void describe(Problem<Real>& problem, const Experiment& experiment, const SolveSettings& settings) {
    // The reader and its buffers are gone when the solve begins: whichever takes more.
    figures_.predicted_bytes =
        std::max(figures_.predicted_bytes, predicted_bytes(problem, settings) + experiment.channels.bytes());
    const double largest = comm_.max(static_cast<double>(figures_.predicted_bytes));
    const Detector<Real>& detector = problem.model().detector();
    progress_.line(fmt::format("{} patterns of {} x {} pixels, {:.4g} electrons each; pixel {:.4g} x {:.4g} A",
                               experiment.positions_A.size(), detector.ny(), detector.nx(), figures_.mean_electrons,
                               experiment.frame.dy_A, experiment.frame.dx_A));
    if (experiment.rows.length > 0)
      progress_.line(fmt::format("waves on {} x {} pixels", experiment.window.ny, experiment.window.nx));
    if (experiment.channels.sets)
      progress_.line(fmt::format("of each pattern {} channels are compared", experiment.channels.count()));
    progress_.line(fmt::format("object {} x {} x {} on {} ranks; {:.0f} MiB for the largest", options_.object.slices,
                               experiment.frame.ny, experiment.frame.nx, comm_.size(), largest / (1 << 20)));
  }

  void write(Problem<Real>& problem, const Experiment& experiment) {
    const double start_s = now_s();
    const Stage stage("write");
    figures_.quality = problem.quality();
    figures_.residuals = fit_residuals(problem, experiment, std::exchange(figures_.quality.residuals, {}));
    record_.require_owned();
    write_reconstruction(problem, experiment, figures_, place_);
    place_.existing = Existing::replace;  // from now on it is this run's own
    record_.result_written();
    figures_.write_s += now_s() - start_s;
  }

  int finish(Problem<Real>& problem, const Experiment& experiment) {
    SolveReport& solve = figures_.solve;
    const int signal = solve.interrupted ? agreed_signal(comm_) : 0;
    if (signal != 0) {
      solve.stop_reason = "stopped by signal " + signal_name(signal);
      record_.stopping(solve.stop_reason);
    }
    write(problem, experiment);
    figures_.total_s = now_s() - start_s_;
    figures_.parameters = summarise(problem);
    add_standard_errors(problem, figures_.parameters);
    if (signal == 0) add_joint_errors(problem, options_.output.joint_errors, progress_, figures_.parameters);
    if (problem.meter() != nullptr) figures_.profile = gather_profile(comm_, *problem.meter());
    write_metrics(problem, options_, figures_, place_);
    if (figures_.profile)
      for (const std::string& line : profile_lines(*figures_.profile, comm_.size())) progress_.line(line);
    const std::string refined = summary_text(figures_.parameters);
    if (!refined.empty()) progress_.line("refined: " + refined);
    const double loss = solve.loss[static_cast<std::size_t>(solve.result_iteration)];
    progress_.line(fmt::format("{}: R {:.4f}, loss {:.6g} after {} iterations, {} gradients; see {}", solve.stop_reason,
                               figures_.quality.residual / figures_.quality.root, loss, solve.iterations,
                               solve.gradients, place_.directory));
    refuse_failed(solve, place_);
    const int code = signal == 0 ? static_cast<int>(ExitCode::done) : signal_exit_code(signal);
    record_.end({.complete = signal == 0, .stop_reason = solve.stop_reason, .exit_code = code});
    return code;
  }

  const Comm& comm_;
  const RunOptions& options_;
  OutputPlace place_;
  RunRecord& record_;
  Progress& progress_;
  RunFigures figures_;
  std::optional<Problem<Real>> problem_;
  std::optional<IterationLine> first_line_;  ///< from which the time left is reckoned
  double start_s_ = now_s();
};

}  // namespace

std::string reconstruct_config(const CommandLine& line) {
  return looked_up_config(line.run_file, line.sets, Command::reconstruct);
}

int run_reconstruct(const Comm& comm, const CommandLine& line, RunRecord& record) {
  RunFigures figures{.solve = {}, .quality = {}, .baseline_bytes = peak_memory_bytes(), .start_time = utc_now()};
  const std::string text = read_run_file(comm, line.run_file);
  const FoundInFile found = look_at_data(comm, text, line.run_file, line.sets);
  const RunOptions options = parse_run_options(text, line.run_file, line.sets, Command::reconstruct, found);
  check_petsc_options(comm, solve_settings(options));
  OutputPlace place{.directory = options.output.directory,
                    .pictures = options.output.pictures,
                    .resolved_yaml = resolved_yaml(text, line.run_file, line.sets, Command::reconstruct, found),
                    .data_file = options.data.file,
                    .existing = line.force ? Existing::replace : Existing::keep};
  // First, so that what is wrong with the data is said in the folder, too.
  std::optional<std::string> warning;
  if (!line.dry_run) warning = own_folder(comm, place, record);
  if (!line.dry_run) show_at_end(options, nullptr, record);
  const Experiment experiment = load_experiment(comm, options);
  refuse_if_stopped(comm, before_solve);
  comm.agree([&] {
    if (comm.is_root()) sample_entry(options.sample, figures.start_time);  // what is wrong with it, a dry run says, too
  });
  if (!line.dry_run) {
    const RunTexts texts = texts_of_reconstruct(options, place.resolved_yaml, figures.start_time);
    place.facts =
        std::make_shared<const RunFacts>(gather_facts(comm, options, line, texts, gpu_in_words(comm, options)));
    place.stored_yaml = stored_config(options, texts);
    record.name_run(place.facts->run_id);
    show_at_end(options, place.facts, record);
    refuse_if_stopped(comm, before_solve);
  }
  if (!line.dry_run)
    write_resolved(comm, place);
  else if (!line.check_gradient)
    check_folder(comm, place);
  Progress progress(comm, line.dry_run ? "" : place.directory + "/run.log", line.quiet);
  if (warning) progress.warn(*warning);
  for (const std::string& doubt : option_warnings(options)) progress.warn(doubt);
  for (const std::string& doubt : found.warnings) progress.warn(doubt);
  for (const std::string& told : told_by_file(text, line.run_file, line.sets, Command::reconstruct, found))
    progress.line(told);
  if (options.run.precision == Precision::double_ || line.check_gradient)
    return Reconstruction<double>(comm, options, place, record, progress, figures).run(experiment, line);
  return Reconstruction<float>(comm, options, place, record, progress, figures).run(experiment, line);
}

}  // namespace tessera
