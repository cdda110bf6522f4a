#pragma once

#include <string>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Whether MPI says of itself that it takes addresses of a GPU's memory: Open MPI by MPIX_Query_cuda_support, MPICH and
/// its kin by MPICH_GPU_SUPPORT_ENABLED=1. Others, and older ones, say nothing although some do.
bool mpi_says_it_takes_gpu_memory();

/// Sends memory of this rank's GPU to the next rank, a few bytes and a few MiB, and looks at what has come from the one
/// before. Returns on all ranks what was wrong on any of them, or nothing (collective).
///
/// An MPI that takes the address of a GPU for one of the host crashes here, which nothing can catch. Throws SystemError
/// on all ranks where a message does not arrive within `patience_s`: its memory then belongs to MPI for good.
std::string try_gpu_messages(const Comm& comm, double patience_s = 30);

}  // namespace tessera
