#pragma once

#include <string>

#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// What an HDF5 file holds, in words: datasets with shapes and types, calibrations, sampling, overlap, dose, and
/// warnings. Throws InputError when the file cannot be read.
std::string describe_file(const std::string& file);

/// `tessera inspect FILE`, without MPI.
int run_inspect(const CommandLine& line);

}  // namespace tessera
