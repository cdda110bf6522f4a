#pragma once

#include <optional>
#include <string>

#include "src/optimisation/solver.hpp"
#include "src/workflow/reconstruct/metrics.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// Throws where a run would find that it may not write, and writes nothing (collective).
void check_folder(const Comm& comm, const OutputPlace& place);

/// Makes the folder and this run its owner, whose status.json is there from now on; returns a warning where a dead run
/// was (collective).
std::optional<std::string> own_folder(const Comm& comm, const OutputPlace& place, RunRecord& record);

/// Writes resolved.yaml (collective): once the data are found, so that a slip does not part an earlier result from its
/// own.
void write_resolved(const Comm& comm, const OutputPlace& place);

/// Refuses a result of so many bytes that does not fit the disk before it is computed (collective).
void require_room(const Comm& comm, const OutputPlace& place, Index bytes);

/// Throws for a solve that ended nowhere, though what it leaves was written.
void refuse_failed(const SolveReport& solve, const OutputPlace& place);

}  // namespace tessera
