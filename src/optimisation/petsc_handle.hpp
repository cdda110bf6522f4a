#pragma once

#include <utility>

#include "src/base/error.hpp"
#include "src/optimisation/petsc_api.hpp"

namespace tessera {

/// Throws SystemError with the call's name and PETSc's words unless `code` is zero.
inline void check_petsc(PetscErrorCode code, const char* call) {
  if (code == petsc_success) return;
  const std::string words = words_of(code).of_code;
  throw SystemError(ExitCode::internal,
                    fmt::format("PETSc: {} failed: {}", call, words.empty() ? "no message" : words));
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
    if (handle_ == nullptr || PetscFinalized(&ended) != petsc_success || ended) return;
    static_cast<void>(destroy(&handle_));
  }
  operator Handle() const { return handle_; }
  Handle* address() { return &handle_; }

 private:
  Handle handle_ = nullptr;
};

using PetscVector = PetscHandle<Vec, VecDestroy>;
using PetscTao = PetscHandle<Tao, TaoDestroy>;

}  // namespace tessera
