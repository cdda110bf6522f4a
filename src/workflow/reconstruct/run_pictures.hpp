#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/analysis/presentable.hpp"
#include "src/model/probe.hpp"
#include "src/optimisation/solver.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/reconstruct/parameter_output.hpp"

namespace tessera {

/// phase.png and slices.png of a distributed phase (collective); `phase_of` gives that of a slice [y, x] on this rank's
/// owned box. Means over blocks, so that no side exceeds 2048 pixels (512 of each slice) and no rank holds the object;
/// cropped to the scanned field, ramp removed. Memory: two such planes on each rank, and the small ones of at most 16
/// slices on root. Returns what phase.png shows (root).
Image write_phase_pictures(const Comm& comm, const Experiment& experiment, const Box& owned,
                           const std::function<std::vector<double>(Index)>& phase_of, Index slices,
                           const std::string& directory);

/// probe.png (root).
void write_probe(const Comm& comm, const ComplexImage& probe, const Grid& window, const std::string& directory);

/// loss.png: the loss or, where pixels are held out, the data's per fitted and per held-out pixel; unknowns.png: the
/// rms change of each unknown beside object and probe, where there are any; both against the iteration (root).
void write_histories(const Comm& comm, const SolveReport& solve, const std::vector<UnknownHistory>& unknowns,
                     const std::string& directory);

}  // namespace tessera
