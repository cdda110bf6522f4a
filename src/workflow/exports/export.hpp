#pragma once

#include <string>
#include <vector>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// The words of --to.
std::vector<std::string> export_formats();

/// `tessera export RESULT --to FORMAT`: one file of another program or kind from a result (collective). Files of whole
/// results are written by all ranks, images and NumPy files by rank 0. Memory: the probe, and two slabs of 4 million
/// elements; the object need not fit.
int run_export(const Comm& comm, const CommandLine& line);

}  // namespace tessera
