#include "src/parallel/halt.hpp"

namespace tessera {

bool Halt::asked() {
  look();
  return asked_;
}

bool Halt::over() {
  look();
  return over_;
}

void Halt::look() {
  if (over_) return;
  if (request_ == MPI_REQUEST_NULL) {
    mine_ = {asks_ ? 1 : 0, done_ ? 0 : 1};
    check_mpi(MPI_Iallreduce(mine_.data(), all_.data(), 2, MPI_INT, MPI_MAX, comm_.handle(), &request_),
              "MPI_Iallreduce");
  }
  int there = 0;
  check_mpi(MPI_Test(&request_, &there, MPI_STATUS_IGNORE), "MPI_Test");
  if (there == 0) return;
  asked_ = asked_ || all_[0] != 0;
  over_ = all_[1] == 0;
}

}  // namespace tessera
