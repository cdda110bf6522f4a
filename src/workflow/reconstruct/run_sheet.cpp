#include "src/workflow/reconstruct/run_sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "io/dataset.hpp"
#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"
#include "src/base/clock.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/valid_pixels.hpp"
#include "src/workflow/options/calibration.hpp"

namespace tessera {

namespace {

double number_of(const std::vector<std::pair<std::string, double>>& aberrations, const std::string& name) {
  const auto found = std::ranges::find(aberrations, name, &std::pair<std::string, double>::first);
  return found == aberrations.end() ? 0 : found->second;
}

/// Values that are fitted: pixels, sums of pixels or channels.
double data_count(const RunOptions& options, const Experiment& experiment, const std::vector<double>& valid) {
  const auto positions = static_cast<double>(experiment.positions_A.size());
  const double fitted = 1 - options.solve.held_out;
  if (experiment.channels.sets) return fitted * positions * static_cast<double>(experiment.channels.count());
  const auto pixels = valid.empty() ? experiment.raw_ny * experiment.raw_nx
                                    : std::ranges::count_if(valid, [](double value) { return value != 0; });
  return fitted * positions * static_cast<double>(pixels) / std::pow(static_cast<double>(options.detector.bin), 2);
}

/// Real numbers of object and probe, as far as they are refined; what else there is is few.
double unknown_count(const RunOptions& options, const Experiment& experiment) {
  const auto voxels = static_cast<double>(experiment.frame.ny * experiment.frame.nx);
  const bool two = options.object.representation == Representation::phase_absorption ||
                   options.object.representation == Representation::complex_transmission;
  double count = 0;
  if (options.refine.contains("object"))
    count += voxels * options.object.slices * options.object.states * (two ? 2 : 1);
  if (options.refine.contains("probe"))
    count += 2.0 * options.beam.modes * static_cast<double>(experiment.window.count());
  return count;
}

/// Seconds of one transform of a window, as this rank makes them.
template <class Real>
double transform_s(const Grid& window) {
  constexpr double enough_s = 0.01;
  const FftPlan<Real> plan(DeviceKind::host, window.ny, window.nx, 1, FftEffort::once);
  Array<Complex<Real>> wave(DeviceKind::host, window.count());
  plan.forward(wave.data(), 1);
  const double start_s = now_s();
  int count = 0;
  for (; count == 0 || now_s() - start_s < enough_s; ++count) plan.forward(wave.data(), 1);
  return (now_s() - start_s) / count;
}

/// Four transforms a slice and two at the detector, and a quarter as much again for all else (perf/README.md).
double expected_s(const RunOptions& options, const Experiment& experiment, const RunCost& cost) {
  const double one_s = options.run.precision == Precision::single ? transform_s<float>(experiment.window)
                                                                  : transform_s<double>(experiment.window);
  const double waves = cost.most_positions * options.beam.modes * options.object.states;
  return cost.gradients * waves * (4.0 * options.object.slices + 2) * 1.25 * one_s / options.run.threads;
}

SheetInput sheet_input(const RunOptions& options, const Experiment& experiment, const RawPixels& pixels) {
  SheetInput in{.wavelength_A = experiment.wavelength_A,
                .semiangle_rad = options.beam.semiangle_rad,
                .C10_A = number_of(options.beam.aberrations, "C10_A"),
                .counts_per_electron = options.data.counts_per_electron,
                .patterns = static_cast<Index>(experiment.positions_A.size()),
                .ny = experiment.raw_ny,
                .nx = experiment.raw_nx,
                .positions_A = experiment.positions_A,
                .gaps_A = options.object.slice_spacing_A};
  const std::array<double, 2> step_invA = detector_step_invA(options, experiment.wavelength_A);
  in.dk_y_invA = step_invA[0];
  in.dk_x_invA = step_invA[1];
  const Index middle_y = in.ny / 2, middle_x = in.nx / 2;
  in.centre_px = {static_cast<double>(middle_y), static_cast<double>(middle_x)};
  if (options.detector.centre_px) in.centre_px = {(*options.detector.centre_px)[0], (*options.detector.centre_px)[1]};
  in.facts = pixels.facts;
  in.data = data_count(options, experiment, pixels.valid);
  in.unknowns = unknown_count(options, experiment);
  return in;
}

}  // namespace

std::vector<SheetRow> run_sheet(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                                const RawPixels& pixels, const RunCost& cost) {
  constexpr double first_ring = 0.84;
  const ComplexImage probe = initial_probe(comm, options, experiment, 1);
  std::vector<SheetRow> rows;
  comm.agree([&] {
    if (!comm.is_root()) return;
    SheetInput in = sheet_input(options, experiment, pixels);
    in.probe_radius_A = radius_that_holds(probe, experiment.window, first_ring);
    in.memory_B = cost.memory_bytes;
    in.disk_B = cost.result_bytes;
    in.seconds = expected_s(options, experiment, cost);
    rows = sampling_sheet(in);
  });
  return rows;
}

void tell_sheet(Progress& progress, const std::vector<SheetRow>& rows) {
  for (const std::string& line : sheet_lines(rows)) progress.line(line);
  for (const std::string& warning : sheet_warnings(rows)) progress.warn(warning);
}

void refuse_warnings(const Comm& comm, const RunOptions& options, const Progress& progress) {
  comm.agree([&] {
    const std::vector<std::string>& warnings = progress.warnings();
    if (!options.run.strict || warnings.empty()) return;
    throw InputError(ExitCode::data_wrong, fmt::format("run.strict: {} warning{}; the first: {}", warnings.size(),
                                                       warnings.size() == 1 ? "" : "s", warnings.front()));
  });
}

void require_split(const SolveOptions& solve, const FittedAndHeldOut& counts, const char* of) {
  if (solve.held_out == 0 || (counts.fitted > 0 && counts.held_out > 0)) return;
  throw InputError(
      ExitCode::run_file,
      fmt::format("solve.held_out {} holds out {:.0f} of {:.0f} {}; it must leave some to fit and hold out at "
                  "least one: choose another share or run.seed, or give more data",
                  solve.held_out, counts.held_out, counts.fitted + counts.held_out, of),
      true);
}

void require_pattern_split(const Comm& comm, const RunOptions& options, const HeldOutChoice& choice,
                           std::span<const Index> names) {
  if (!choice.whole_patterns) return;
  HeldOut rule = held_out_rule(choice);
  rule.names = names.data();
  double counts[2] = {0, 0};
  for (Index p = 0; p < static_cast<Index>(names.size()); ++p) counts[rule.holds(p, 0) ? 1 : 0] += 1;
  comm.sum(counts);
  require_split(options.solve, {.fitted = counts[0], .held_out = counts[1]}, "patterns");
}

}  // namespace tessera
