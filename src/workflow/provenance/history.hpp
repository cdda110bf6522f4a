#pragma once

#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// `tessera history FILE`: the runs that led to a result, the first one first, each with its program, its files and
/// whether they still are what they were, and the keys that its run file gave. Follows results as far as they are
/// there. One process.
int run_history(const CommandLine& line);

}  // namespace tessera
