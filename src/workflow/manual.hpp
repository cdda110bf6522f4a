#pragma once

#include <string>

namespace tessera {

/// Every key of a run file with unit, default, allowed values and meaning, from the option table.
std::string manual_text();

/// Release, revision and compiler of the program and the versions of its libraries, one per line; needs no MPI_Init.
std::string version_text();

}  // namespace tessera
