#include "src/workflow/reconstruct/trial.hpp"

#include <cmath>
#include <limits>

#include "src/analysis/presentable.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/input/probe_fit.hpp"
#include "src/workflow/input/weighted_data.hpp"
#include "src/workflow/reconstruct/problem_setup.hpp"
#include "src/workflow/reconstruct/solve_settings.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

namespace {

/// The experiment of some of its positions alone.
void keep_only(const std::vector<Index>& chosen, Index margin_px, Experiment& experiment) {
  std::vector<PointYX> positions_A;
  std::vector<Index> pattern_index;
  for (const Index i : chosen) {
    positions_A.push_back(experiment.positions_A[static_cast<std::size_t>(i)]);
    pattern_index.push_back(experiment.pattern_index[static_cast<std::size_t>(i)]);
  }
  PlacedScan scan = enclose(positions_A, experiment.window, margin_px);
  experiment.positions_A = std::move(positions_A);
  experiment.pattern_index = std::move(pattern_index);
  experiment.frame = scan.frame;
  experiment.placements = std::move(scan.placements);
}

/// The scanned field of one rank's own object.
Image phase_of(Problem<float>& problem, const Experiment& experiment) {
  Image phase{.frame = experiment.frame, .values = {}};
  const auto plane = static_cast<std::size_t>(experiment.frame.ny * experiment.frame.nx);
  phase.values.assign(plane, 0.0);
  const std::vector<Complex<float>> transmission = problem.owned_transmission();
  for (std::size_t i = 0; i < transmission.size(); ++i)
    phase.values[i % plane] += std::atan2(transmission[i].im, transmission[i].re);
  return presentable(std::move(phase), experiment.positions_A);
}

double loss_of_all(const SolveReport& report, std::size_t at, double held_out) {
  if (held_out == 0) return report.loss[at];
  return (report.loss[at] / (1 - held_out) + report.held_out_loss[at] / held_out) / 2;
}

/// All that a rank for itself needs to know of its patterns.
struct TrialPart {
  Experiment experiment;
  Tiling tiling;
  std::vector<Index> mine;
};

TrialPart part_of(const Comm& self, const RunOptions& options, const std::vector<Index>& chosen) {
  TrialPart part{.experiment = load_experiment(self, options), .tiling = {}, .mine = {}};
  keep_only(chosen, options.object.margin_px, part.experiment);
  part.tiling = make_tiling(part.experiment.placements, part.experiment.frame, part.experiment.window, 1,
                            options.object.margin_px);
  part.mine = part.tiling.positions_of(0, part.experiment.placements, part.experiment.window);
  return part;
}

}  // namespace

MemoryForecast forecast_trial(const Comm& self, const RunOptions& options, const std::vector<Index>& chosen,
                              const ModelDevice& device, Index kept_every) {
  const auto [experiment, tiling, mine] = part_of(self, options, chosen);
  RunOptions single = options;
  single.run.precision = Precision::single;
  const bool gpu = device.kind == DeviceKind::cuda;
  return forecast_memory(single, experiment, tiling, 0, static_cast<double>(mine.size()),
                         forecast_load(self, single, experiment, mine), held_vectors(single, solve_settings(single)),
                         {.model_on_gpu = gpu, .patterns_on_gpu = gpu, .kept_every = kept_every});
}

TrialResult run_trial(const Comm& self, const RunOptions& options, const std::vector<Index>& chosen,
                      const ModelDevice& device) {
  constexpr const char* when = "during calibration";
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto [experiment, tiling, mine] = part_of(self, options, chosen);
  if (!options.beam.initial && !computed_fits(options.beam, experiment.window, experiment.wavelength_A))
    return {.start_loss = infinity, .loss = infinity, .phase = {}};
  ProblemSetup setup = problem_setup(self, options, experiment, tiling, mine, device.kind);
  const RawPixels pixels = raw_pixels(self, options, experiment);
  setup.model.shape.batch =
      choose_batch(options, setup.model.shape, static_cast<Index>(mine.size()), sizeof(float), device.room_bytes / 2);
  LoadedPatterns loaded =
      load_patterns(self, options, experiment, pixels, mine, device.kind, [] { throw_if_stopped(when); });
  setup.model.detector = detector_setup(experiment, loaded.live);
  setup.model.detector.psf_radius_px = psf_radius_px(options.detector.psf_px);
  const ComplexImage probe = starting_probe(self, options, experiment, mine, setup.model, loaded);
  weigh_data(self, options, setup.model.detector.set_of, probe, setup.model, loaded);
  Problem<float> problem(self, std::move(setup), std::move(loaded.measurement), probe);
  problem.set_interrupt_check([] { return pending_signal() != 0; });
  const SolveReport report = solve<float>(problem, solve_settings(options), [](const Iterate&) {});
  throw_if_stopped(when);
  return {.start_loss = loss_of_all(report, 0, options.solve.held_out),
          .loss = loss_of_all(report, report.loss.size() - 1, options.solve.held_out),
          .phase = phase_of(problem, experiment)};
}

}  // namespace tessera
