#pragma once

#include <petsctao.h>

#include <type_traits>
#include <utility>

#include "src/base/error.hpp"

namespace tessera {

static_assert(sizeof(PetscInt) == 8, "tessera needs a PETSc with 64-bit indices (Debian: libpetsc64-real-dev)");
static_assert(std::is_same_v<PetscReal, double>,
              "tessera needs a PETSc in double precision (Debian: libpetsc64-real-dev)");
static_assert(std::is_same_v<PetscScalar, PetscReal>,
              "tessera needs a PETSc with real scalars (Debian: libpetsc64-real-dev)");

/// Throws SystemError with the call's name and PETSc's words unless `code` is zero.
inline void check_petsc(PetscErrorCode code, const char* call) {
  if (code == 0) return;
  const char* text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  throw SystemError(ExitCode::internal, fmt::format("PETSc: {} failed: {}", call, text ? text : "no message"));
}

/// Owns a PETSc object; frees it unless PETSc has already ended.
template <class Handle, PetscErrorCode (*destroy)(Handle*)>
class PetscHandle {
 public:
  PetscHandle() = default;
  PetscHandle(PetscHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  PetscHandle& operator=(PetscHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  PetscHandle(const PetscHandle&) = delete;
  PetscHandle& operator=(const PetscHandle&) = delete;
  ~PetscHandle() {
    PetscBool ended = PETSC_FALSE;
    PetscFinalized(&ended);
    if (handle_ != nullptr && !ended) destroy(&handle_);
  }
  operator Handle() const { return handle_; }
  Handle* address() { return &handle_; }

 private:
  Handle handle_ = nullptr;
};

using PetscVector = PetscHandle<Vec, VecDestroy>;
using PetscTao = PetscHandle<Tao, TaoDestroy>;

}  // namespace tessera
