#pragma once

#include <optional>
#include <string>

#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// Writes report.html into the folder of a run, from its files. `status`: what status.json will be, for the run itself.
void write_report(const std::string& directory, const std::optional<std::string>& status = {});

/// `tessera report DIRECTORY`; one process.
int run_report(const CommandLine& line);

}  // namespace tessera
