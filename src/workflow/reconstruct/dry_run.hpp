#pragma once

#include "src/base/memory_need.hpp"
#include "src/optimisation/problem.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/valid_pixels.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// `most` of 0 .. n - 1, evenly spread, the first and the last among them; all when there are no more.
std::vector<Index> spread_sample(Index n, Index most);

/// Whatever a reconstruction would refuse before it solves, but from a sample of 64 patterns and without the memory of
/// a run (collective): reads the sample, makes probe and unknowns, and tells what the run would take. `setup` and
/// `mine` as the run has them.
void dry_run(const Comm& comm, const RunOptions& options, const Experiment& experiment, const RawPixels& pixels,
             ProblemSetup setup, const std::vector<Index>& mine, const MemoryNeed& need, Progress& progress);

}  // namespace tessera
