#include "src/workflow/manual.hpp"

#include <petscsys.h>

#include <CLI/Version.hpp>

#include "src/base/version.hpp"
#include "src/workflow/options_table.hpp"

namespace tessera {
namespace {

constexpr const char* introduction =
    "Keys of a run file (YAML). `--set key=value` changes a key for one run; --print-config shows the values in use\n"
    "and where each came from. File names are relative to the run file, in --set as well. Pairs are [y, x]; where a\n"
    "pair is expected, one number stands for both. Null means: not given. What is \"not for\n"
    "simulate\" is refused there.\n";

}  // namespace

std::string manual_text() {
  std::string text = introduction;
  std::string previous;
  for (const OptionEntry& entry : option_table()) {
    const std::string section = entry.key.substr(0, entry.key.find('.'));
    if (section != previous)
      text += fmt::format("\n{}\n", section == "regularisers[]" ? "regularisers (a list)" : section);
    previous = section;
    text +=
        fmt::format("  {}{}\n      {}\n", entry.key, entry.unit.empty() ? "" : " [" + entry.unit + "]", entry.meaning);
    text += fmt::format("      allowed: {}; default: {}\n", entry.allowed, entry.default_text);
  }
  return text;
}

std::string version_text() {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(mpi, &length);
  std::string mpi_name(mpi);
  mpi_name = mpi_name.substr(0, mpi_name.find_first_of(",\n"));
  char petsc[256] = "";
  PetscGetVersion(petsc, sizeof petsc);
  std::string petsc_name(petsc);
  petsc_name = petsc_name.substr(0, petsc_name.find(','));
  return fmt::format("tessera {} ({}, {}, {})\n{}\n{}\nfmt {}.{}.{}\nCLI11 {}\n", version, revision, build_type,
                     compiler, mpi_name, petsc_name, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
                     CLI11_VERSION);
}

}  // namespace tessera
