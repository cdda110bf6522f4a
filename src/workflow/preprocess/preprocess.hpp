#pragma once

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// `tessera preprocess RUN.yaml`: measured patterns to patterns or channels that `reconstruct` reads, with a run file
/// for it. Patterns are streamed: once where all is given, once before where something is found in them, twice more for
/// a basis. Each rank holds a block of them at a time. The file does not depend on the number of ranks (collective).
int run_preprocess(const Comm& comm, const CommandLine& line, RunRecord& record);

}  // namespace tessera
