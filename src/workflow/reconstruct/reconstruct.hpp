#pragma once

#include <string>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// Every value that such a run would use, and where it came from (serial; data.file is looked at).
std::string reconstruct_config(const CommandLine& line);

/// `tessera reconstruct RUN.yaml`: options, data, plan, solve, write (collective). Returns the exit code.
int run_reconstruct(const Comm& comm, const CommandLine& line, RunRecord& record);

}  // namespace tessera
