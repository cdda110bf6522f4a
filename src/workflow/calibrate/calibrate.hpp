#pragma once

#include <string>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// The run file as `tessera calibrate` takes it, with every default. Needs no MPI.
std::string calibrate_config(const CommandLine& line);

/// `tessera calibrate RUN.yaml` (collective): finds bright-field disc, orientation, defocus, astigmatism, scan step,
/// detector gain and point spread from the data, and writes them into a new run file. Writes calibrated.yaml,
/// calibration.json and pictures into output.directory. Returns the exit code.
int run_calibrate(const Comm& comm, const CommandLine& line, RunRecord& record);

}  // namespace tessera
