#pragma once

#include <string>

#include "src/workflow/report/run_files.hpp"
#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// "running: iteration 12 of 60, loss 1.234000e+05, ..., 1 min 36 s left; alive 3 s ago", or how the run ended.
std::string watch_text(const RunFiles& files);

/// `tessera watch DIRECTORY`: tells how a run stands, by its files alone, until it ends, and with --html keeps a page
/// that shows it. One process. Returns the exit code of the run, 1 where it is dead.
int run_watch(const CommandLine& line);

}  // namespace tessera
