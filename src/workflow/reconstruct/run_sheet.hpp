#pragma once

#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/sampling_sheet.hpp"
#include "src/workflow/input/valid_pixels.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// What a run will take.
struct RunCost {
  double memory_bytes = 0;  ///< of the largest rank
  double result_bytes = 0;
  double most_positions = 0;  ///< of a rank
  double gradients = 0;       ///< in all
};

/// The sampling sheet of a run: from its keys, its positions and the patterns looked at (collective).
/// Rows on root, none on the others. The time is that of the transforms of as many waves, timed on root for a
/// hundredth of a second, times what they are of a gradient.
std::vector<SheetRow> run_sheet(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                                const RawPixels& pixels, const RunCost& cost);

/// Prints it, and a warning for each row outside its range.
void tell_sheet(Progress& progress, const std::vector<SheetRow>& rows);

/// With run.strict, InputError where anything was warned of until now (collective).
void refuse_warnings(const Comm& comm, const RunOptions& options, const Progress& progress);

/// InputError unless of `counts` of all ranks ("patterns", "pixels") some are fitted and some held out; nothing is
/// asked where solve.held_out is 0.
void require_split(const SolveOptions& solve, const FittedAndHeldOut& counts, const char* of);

/// The same of whole patterns, by the names of this rank's, before any is read (collective).
void require_pattern_split(const Comm& comm, const RunOptions& options, const HeldOutChoice& choice,
                           std::span<const Index> names);

}  // namespace tessera
