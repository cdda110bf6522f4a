#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/optimisation/solver.hpp"

namespace tessera {

/// The key of a run file that decides what the PETSc option `name` (without its dash) would decide, for those that the
/// solver sets itself or has taken the place of; empty: PETSc's own.
std::string key_in_place_of(const std::string& name, const std::string& method);

/// Sets the options of settings.petsc and has an optimiser of the method that solves nothing read them, so that a wrong
/// one is known before any data are read (collective). Throws InputError that names option and value: one that the
/// solver sets itself, one that PETSc refuses, one that it does not read.
void check_petsc_options(const Comm& comm, const SolveSettings& settings);

}  // namespace tessera
