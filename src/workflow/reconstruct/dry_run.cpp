#include "src/workflow/reconstruct/dry_run.hpp"

#include <algorithm>

#include "src/workflow/input/initial_values.hpp"
#include "src/workflow/input/load_patterns.hpp"
#include "src/workflow/input/weighted_data.hpp"

namespace tessera {

std::vector<Index> spread_sample(Index n, Index most) {
  std::vector<Index> sample;
  if (n <= most)
    for (Index i = 0; i < n; ++i) sample.push_back(i);
  else
    for (Index i = 0; i < most; ++i) sample.push_back(i * (n - 1) / (most - 1));
  return sample;
}

void dry_run(const Comm& comm, const RunOptions& options, const Experiment& experiment, const RawPixels& pixels,
             ProblemSetup setup, const std::vector<Index>& mine, const MemoryNeed& need, Progress& progress) {
  constexpr Index sampled = 64;
  const std::vector<Index> all = spread_sample(static_cast<Index>(experiment.positions_A.size()), sampled);
  std::vector<Index> sample;  // of this rank, in its order
  for (const Index position : mine)
    if (std::ranges::binary_search(all, position)) sample.push_back(position);
  LoadedPatterns loaded = load_patterns(comm, options, experiment, pixels, sample, DeviceKind::host);
  for (const std::string& doubt : loaded.warnings) progress.warn(doubt);
  setup.model.detector = detector_setup(experiment, loaded.live);
  use_channels(experiment, sample, loaded, setup.model);
  const ComplexImage probe = starting_probe(comm, options, experiment, sample, setup.model, loaded);
  weigh_data(comm, options, setup.model.detector.set_of, probe, setup.model, loaded);
  comm.agree([&] { check_unknowns(setup, loaded.measurement.ny, loaded.measurement.nx, probe); });
  check_initial_object(comm, options, experiment);
  progress.line(
      fmt::format("{} patterns of {} x {} pixels, about {:.4g} electrons each ({} of them were read); pixel "
                  "{:.4g} x {:.4g} A",
                  experiment.positions_A.size(), loaded.measurement.ny, loaded.measurement.nx, loaded.mean_electrons,
                  all.size(), experiment.frame.dy_A, experiment.frame.dx_A));
  progress.line(fmt::format("object {} x {} x {} on {} ranks; about {} for the largest; {} takes most of it",
                            options.object.slices, experiment.frame.ny, experiment.frame.nx, comm.size(),
                            bytes_text(comm.max(need.bytes())), need.largest().what));
}

}  // namespace tessera
