#include "src/workflow/start/versions.hpp"

#include <fmt/format.h>
#include <petscsys.h>

#include <CLI/Version.hpp>

#include "src/base/version.hpp"
#include "src/workflow/start/library_versions.hpp"

namespace tessera {

std::string version_text() {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(mpi, &length);
  std::string mpi_name(mpi);
  mpi_name = mpi_name.substr(0, mpi_name.find_first_of(",\n"));
  char petsc[256] = "";
  if (PetscGetVersion(petsc, sizeof petsc) != PetscErrorCode{}) petsc[0] = '\0';
  std::string petsc_name(petsc);
  petsc_name = petsc_name.substr(0, petsc_name.find(','));
  return fmt::format("tessera {} ({}, {}, {})\n{}\n{}\nfmt {}.{}.{}\nCLI11 {}\n{}", version, revision, build_type,
                     compiler, mpi_name, petsc_name, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
                     CLI11_VERSION, library_versions);
}

}  // namespace tessera
