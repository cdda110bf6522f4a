#pragma once

#include "src/workflow/options/options.hpp"
#include "src/workflow/options/yaml_file.hpp"

namespace tessera {

/// What can be checked without the data once all keys are read: what belongs together, what excludes what, what a
/// command needs.
void check_run_options(const RunOptions& options, const YamlNode& root, Command command);

/// The same for `tessera preprocess`, which leaves what only a reconstruction reads to it.
void check_preprocess(const RunOptions& options);

/// What a run file asks for and will not get, each in one line.
std::vector<std::string> option_warnings(const RunOptions& options);

}  // namespace tessera
