#pragma once

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// `tessera calibrate RUN.yaml` (collective): finds bright-field disc, orientation, defocus, astigmatism, scan step,
/// detector gain and point spread from the data, and writes them into a new run file. Writes calibrated.yaml,
/// calibration.json and pictures into output.directory. Returns the exit code.
int run_calibrate(const Comm& comm, const CommandLine& line, RunRecord& record);

}  // namespace tessera
