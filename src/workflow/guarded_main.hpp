#pragma once

#include <functional>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Starts MPI and PETSc, runs `body` with all ranks and returns the exit code. An exception becomes one line "ERROR:
/// ..." on stderr: an agreed one is printed by rank 0 and every rank ends with its code; one of a single rank is
/// printed there, with the rank, and ends the others through MPI_Abort.
int guarded_main(int argc, char** argv, const std::function<int(const Comm&)>& body);

/// The same for a program that needs no MPI, so that it runs on login nodes.
int guarded_main_serial(const std::function<int()>& body);

/// Prints one line "ERROR: ..." on stderr.
void print_error(const std::string& message);

}  // namespace tessera
