// Must not compile: sees the installed PETSc as one with 32-bit indices.
#include <petscconf.h>
#undef PETSC_USE_64BIT_INDICES
#include "src/optimisation/petsc_handle.hpp"
