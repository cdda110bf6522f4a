#pragma once

#include <mpi.h>

#include <functional>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Seconds of the slowest rank from a common start (collective).
inline double slowest_s(const Comm& comm, const std::function<void()>& work) {
  comm.barrier();
  const double start_s = MPI_Wtime();
  work();
  return comm.max(MPI_Wtime() - start_s);
}

}  // namespace tessera
