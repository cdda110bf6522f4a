#include "src/workflow/reconstruct/run_sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "io/dataset.hpp"
#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/pattern_sample.hpp"
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

SheetInput sheet_input(const RunOptions& options, const Experiment& experiment) {
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
  in.centre_px = {static_cast<double>(in.ny / 2), static_cast<double>(in.nx / 2)};
  if (options.detector.centre_px) in.centre_px = {(*options.detector.centre_px)[0], (*options.detector.centre_px)[1]};
  std::vector<double> valid;
  if (options.data.mask && !experiment.channels.in_file) valid = read_real(options.data.file, *options.data.mask);
  if (!experiment.channels.in_file)
    in.facts = pattern_facts(read_sample(options.data.file, options.data.patterns, experiment.pattern_index), valid,
                             options.data.counts_per_electron);
  in.data = data_count(options, experiment, valid);
  in.unknowns = unknown_count(options, experiment);
  return in;
}

}  // namespace

std::vector<SheetRow> run_sheet(const Comm& comm, const RunOptions& options, const Experiment& experiment) {
  constexpr double first_ring = 0.84;
  const ComplexImage probe = initial_probe(comm, options, experiment, 1);
  std::vector<SheetRow> rows;
  comm.agree([&] {
    if (!comm.is_root()) return;
    SheetInput in = sheet_input(options, experiment);
    in.probe_radius_A = radius_that_holds(probe, experiment.window, first_ring);
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

}  // namespace tessera
