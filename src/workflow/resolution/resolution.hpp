#pragma once

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// `tessera resolution RUN.yaml`: reconstructs each half of the positions (data.subset.half) by itself, into half_even
/// and half_odd of output.directory, as `tessera reconstruct` does, and compares them: resolution.json and frc.png
/// (collective, on any number of ranks). The halves share no pattern. A half that a signal stopped ends it with its
/// exit code, without a comparison. With --dry-run both halves are checked and nothing is written.
int run_resolution(const Comm& comm, const CommandLine& line, RunRecord& record);

}  // namespace tessera
