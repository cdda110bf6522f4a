#include <mpi.h>
#include <petscsys.h>

#include <boost/test/unit_test.hpp>

namespace {

bool init_tests() {
  boost::unit_test::framework::master_test_suite().p_name.value = "tessera";
  return true;
}

}  // namespace

/// Runs the tests on every rank; a failure on any rank fails the program on all of them.
int main(int argc, char* argv[]) {
  MPI_Init(&argc, &argv);
  int code = 1;
  // As the program does: PETSc's vectors cross through the host's memory.
  if (PetscOptionsSetValue(nullptr, "-use_gpu_aware_mpi", "false") == PetscErrorCode{} &&
      PetscInitializeNoArguments() == PetscErrorCode{}) {
    PetscPopSignalHandler();  // a crash is Boost.Test's to report: it names the test and the line
    code = boost::unit_test::unit_test_main(&init_tests, argc, argv);
    MPI_Allreduce(MPI_IN_PLACE, &code, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    PetscFinalize();
  }
  MPI_Finalize();
  return code;
}
