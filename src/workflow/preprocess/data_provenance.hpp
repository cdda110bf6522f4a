#pragma once

#include <string>
#include <vector>

#include "io/plain_writer.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// Where the patterns that `tessera preprocess` writes come from: PROV-JSON and the resolved run file, as datasets of
/// their file (collective). Hashes the inputs as `output.hash` says, which reads them once more.
std::vector<PlainText> provenance_texts(const Comm& comm, const RunOptions& options, const CommandLine& line,
                                        const std::string& resolved_yaml, const std::string& start_time);

}  // namespace tessera
