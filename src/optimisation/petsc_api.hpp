#pragma once

#include <petsctao.h>

#include <string>
#include <type_traits>

// The one header for PETSc's (the start of the program takes petscsys.h alone), and the one place that knows in what
// its releases and builds differ: 3.18 to 3.26 fit, with and without CUDA, also where an error code has a type of its
// own
// (--with-strict-petscerrorcode).

namespace tessera {

static_assert(sizeof(PetscInt) == 8, "tessera needs a PETSc with 64-bit indices (Debian: libpetsc64-real-dev)");
static_assert(std::is_same_v<PetscReal, double>,
              "tessera needs a PETSc in double precision (Debian: libpetsc64-real-dev)");
static_assert(std::is_same_v<PetscScalar, PetscReal>,
              "tessera needs a PETSc with real scalars (Debian: libpetsc64-real-dev)");

/// Whether this PETSc has vectors on GPUs.
inline constexpr bool petsc_has_cuda = PetscDefined(HAVE_CUDA);

/// What a callback returns when all is well: PETSC_SUCCESS, which 3.18 does not know.
inline constexpr PetscErrorCode petsc_success{};

/// Whether an L-BFGS that is led again through its last points has the bits it had. Since 3.24 its pairs are columns of
/// one matrix that are used in turn, and sums over them outlive an iteration: then it agrees to rounding.
inline constexpr bool petsc_repeats_bits = PETSC_VERSION_LT(3, 24, 0);

/// PETSc's words on an error; empty where it has none.
struct PetscWords {
  std::string of_code;  ///< on errors of this code in general
  std::string of_last;  ///< on the last one in particular
};

/// `Text` is char in 3.18 and const char in 3.26.
template <class Text>
PetscWords ask_petsc(PetscErrorCode (*message)(PetscErrorCode, const char*[], Text*[]), PetscErrorCode code) {
  const char* of_code = nullptr;
  Text* of_last = nullptr;
  if (message(code, &of_code, &of_last) != petsc_success) return {};
  return {of_code != nullptr ? of_code : "", of_last != nullptr ? of_last : ""};
}
inline PetscWords words_of(PetscErrorCode code) { return ask_petsc(PetscErrorMessage, code); }

}  // namespace tessera
