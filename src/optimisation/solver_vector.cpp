#include "src/optimisation/solver_vector.hpp"

#include "src/arrays/gpu.hpp"

namespace tessera {

PetscVector make_solver_vector(const Comm& comm, Index local_size, DeviceKind device) {
  const bool on_gpu = petsc_has_cuda && device == DeviceKind::cuda;
  const int in_use = on_gpu ? gpu::in_use() : 0;
  PetscVector vector;
  check_petsc(VecCreate(comm.handle(), vector.address()), "VecCreate");
  check_petsc(VecSetSizes(vector, local_size, PETSC_DETERMINE), "VecSetSizes");
  check_petsc(VecSetType(vector, on_gpu ? VECMPICUDA : VECMPI), "VecSetType");
  if (on_gpu) check_petsc(VecSetFromOptions(vector), "VecSetFromOptions");
  // PETSc chooses its GPU when it starts and makes the thread use it.
  if (on_gpu && gpu::in_use() != in_use)
    throw SystemError(ExitCode::unclassified,
                      fmt::format("PETSc uses GPU {} and the model GPU {}; leave -device_select out of PETSC_OPTIONS",
                                  gpu::in_use(), in_use));
  return vector;
}

WrittenPart::WrittenPart(Vec vector) : vector_(vector) {
  check_petsc(VecGetLocalSize(vector_, &size_), "VecGetLocalSize");
  check_petsc(VecGetArrayWrite(vector_, &data_), "VecGetArrayWrite");
}

WrittenPart::~WrittenPart() { static_cast<void>(VecRestoreArrayWrite(vector_, &data_)); }

ReadPart::ReadPart(Vec vector) : vector_(vector) {
  check_petsc(VecGetLocalSize(vector_, &size_), "VecGetLocalSize");
  check_petsc(VecGetArrayRead(vector_, &data_), "VecGetArrayRead");
}

ReadPart::~ReadPart() { static_cast<void>(VecRestoreArrayRead(vector_, &data_)); }

}  // namespace tessera
