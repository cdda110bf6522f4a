#pragma once

#include <functional>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// Starts MPI and PETSc, runs `body` with all ranks and returns the exit code. An exception becomes one line "ERROR:
/// ..." on stderr and in what the body has made of the record: an agreed one is printed by rank 0 and every rank ends
/// with its code; one of a single rank is printed there, with the rank, and ends the others through MPI_Abort.
int guarded_main(int argc, char** argv, const std::function<int(const Comm&, RunRecord&)>& body);

/// The same for what needs no MPI, so that it runs on login nodes. Under a launcher the first process runs it; the
/// others end at once with 0, since a launcher kills all when one of them fails.
int guarded_main_serial(const std::function<int()>& body);

}  // namespace tessera
