#pragma once

#include <string>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// Every value that such a run would use, and where it came from (serial).
std::string simulate_config(const CommandLine& line);

/// `tessera simulate RUN.yaml`: a data set with its truth from atoms or from a given object. Each rank holds the part
/// of the specimen that its positions see and computes their patterns; all write one file together. The file does not
/// depend on the number of ranks (collective).
int run_simulate(const Comm& comm, const CommandLine& line, RunRecord& record);

}  // namespace tessera
