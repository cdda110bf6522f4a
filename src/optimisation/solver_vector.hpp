#pragma once

#include <span>

#include "src/arrays/device.hpp"
#include "src/optimisation/petsc_handle.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// A vector of the solver, `local_size` reals on this rank (collective). Where the model runs on a GPU and PETSc
/// was built with CUDA it lives there, and so do those that TAO makes like it; PETSc's option -vec_type mpi, in
/// PETSC_OPTIONS, keeps them on the host. Throws SystemError when PETSc would use another GPU than this thread.
PetscVector make_solver_vector(const Comm& comm, Index local_size, DeviceKind device);

/// A vector's local part on the host, to be written whole: what it held is not copied from a GPU. PETSc has it back at
/// the end of its life, and copies it to a GPU where its next step works there.
class WrittenPart {
 public:
  explicit WrittenPart(Vec vector);
  ~WrittenPart();
  WrittenPart(const WrittenPart&) = delete;
  WrittenPart& operator=(const WrittenPart&) = delete;
  std::span<double> values() const { return {data_, static_cast<std::size_t>(size_)}; }

 private:
  Vec vector_;
  PetscScalar* data_ = nullptr;
  PetscInt size_ = 0;
};

/// The local part on the host of a vector that may be locked against writing, as TAO locks x. From a GPU it is copied
/// once for each value that the vector takes, however often it is read.
class ReadPart {
 public:
  explicit ReadPart(Vec vector);
  ~ReadPart();
  ReadPart(const ReadPart&) = delete;
  ReadPart& operator=(const ReadPart&) = delete;
  std::span<const double> values() const { return {data_, static_cast<std::size_t>(size_)}; }

 private:
  Vec vector_;
  const PetscScalar* data_ = nullptr;
  PetscInt size_ = 0;
};

}  // namespace tessera
