#pragma once

#include <string>

namespace tessera {

/// Release, revision and compiler of the program and the versions of its libraries, one per line; needs no MPI_Init.
std::string version_text();

}  // namespace tessera
