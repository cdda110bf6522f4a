#include "src/workflow/start/guarded_main.hpp"

#include <fcntl.h>
#include <petscsys.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string_view>

#include "src/base/words.hpp"
#include "src/parallel/gpu_of_rank.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {
namespace {

/// An exception reduced to what the end of the program needs.
struct Failure {
  int exit_code;
  bool agreed;
  std::string message;
};

/// The exception that is being handled.
Failure current_failure() {
  try {
    throw;
  } catch (const Error& error) {
    return {static_cast<int>(error.code()), error.agreed(), error.what()};
  } catch (const std::bad_alloc& error) {
    return {static_cast<int>(ExitCode::unclassified), false, text_of(error)};
  } catch (const std::exception& error) {
    return {static_cast<int>(ExitCode::internal), false,
            fmt::format("internal error: {} (please report it)", error.what())};
  } catch (...) {
    return {static_cast<int>(ExitCode::internal), false, "internal error: unknown exception (please report it)"};
  }
}

/// Whether this process is the only one, or the first as its launcher says: MPI has not started.
bool is_first_process() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
    if (const char* rank = std::getenv(name)) return std::string_view(rank) == "0";
  return true;
}

/// A message may quote what a user or a file gave: nothing in it may reach a terminal as a command, or fill it.
std::string one_line(std::string message) {
  constexpr std::size_t longest = 4000;
  std::ranges::replace(message, '\n', ' ');
  return shown(message, longest);
}

/// Prints one line "ERROR: ..." on stderr.
void print_error(const std::string& message) {
  Outlet(STDERR_FILENO).write("ERROR: " + one_line(message) + "\n", Urgency::notice);
}

/// A file that is opened where standard output was closed would get what is printed.
void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) == -1) open("/dev/null", O_RDWR);
}

/// What PETSc prints, as its options ask for (tao_monitor), may not hold a run up either.
PetscErrorCode print_petsc(FILE* file, const char format[], va_list values) {
  constexpr std::size_t most = 65536;
  std::string text(most, '\0');
  std::size_t length = 0;
  const PetscErrorCode code = PetscVSNPrintf(text.data(), most, format, &length, values);
  if (code != PetscErrorCode{}) return code;
  text.resize(std::char_traits<char>::length(text.c_str()));
  if (file == stdout || file == stderr)
    Outlet(fileno(file)).write(text, Urgency::progress);
  else
    std::fputs(text.c_str(), file);
  return {};
}

/// What PETSc reports may be asked for in PETSC_OPTIONS; what its optimiser does is the run file's to tell.
void refuse_solver_options() {
  const char* const given = std::getenv("PETSC_OPTIONS");
  if (given == nullptr || std::string_view(given).find("-tao_") == std::string_view::npos) return;
  throw InputError(ExitCode::usage,
                   fmt::format("PETSC_OPTIONS is {}: what begins with -tao_ changes the result; give it in the run "
                               "file, as petsc: {{tao_NAME: VALUE}}",
                               shown(given)));
}

void require_petsc(PetscErrorCode code, const char* failure) {
  if (code != PetscErrorCode{}) throw SystemError(ExitCode::unclassified, fmt::format("PETSc: {}", failure), true);
}

void set_option(const char* name, const std::string& value) {
  require_petsc(PetscOptionsSetValue(nullptr, name, value.c_str()), "PetscOptionsSetValue failed");
}

/// For a PETSc with CUDA: it uses the GPU that the model will, once a vector lives there, and none before. Its vectors
/// are only summed over, so that nothing of theirs on a GPU crosses between ranks: MPI need not reach it.
void set_gpu_options(const Comm& comm) {
  const std::optional<int> gpu = gpu_of_rank(comm);
  if (gpu) set_option("-device_select_cuda", std::to_string(*gpu));
  set_option("-use_gpu_aware_mpi", "false");
}

/// PETSc's options come from PETSC_OPTIONS alone; its signal handler is off and its errors return.
void start_petsc() {
  set_option("-no_signal_handler", "true");
  set_gpu_options(Comm(MPI_COMM_WORLD));
  // The run file tells what a run does, not the folder it starts in: no .petscrc. Of an argument only PETSc learns that
  // in time, and it keeps the pointers.
  static char program[] = "tessera", no_files[] = "-skip_petscrc";
  static char* arguments[] = {program, no_files, nullptr};
  int count = 2;
  char** words = arguments;
  require_petsc(PetscInitialize(&count, &words, nullptr, nullptr),
                "PetscInitialize failed; is PETSC_OPTIONS well-formed?");
  require_petsc(PetscPushErrorHandler(PetscReturnErrorHandler, nullptr), "PetscPushErrorHandler failed");
  PetscVFPrintf = print_petsc;
}

/// Runs the body and prints its failure. Does not return when the ranks do not agree about it.
int run_body(const std::function<int(const Comm&, RunRecord&)>& body) {
  const Comm comm(MPI_COMM_WORLD);
  RunRecord record(comm);
  std::optional<Failure> failure;
  try {
    comm.agree(refuse_solver_options);  // environments may differ
    return body(comm, record);
  } catch (...) {
    failure = current_failure();
  }
  const bool everywhere = failure->agreed || comm.size() == 1;
  if (!everywhere) failure->message += fmt::format(" (rank {})", comm.rank());
  record.fail(one_line(failure->message), failure->exit_code, everywhere);
  if (!everywhere || comm.is_root()) print_error(failure->message);
  if (!everywhere) {
    record.release();
    MPI_Abort(MPI_COMM_WORLD, failure->exit_code);
  }
  return failure->exit_code;
}

}  // namespace

int guarded_main(int argc, char** argv, const std::function<int(const Comm&, RunRecord&)>& body) {
  open_standard_streams();
  // A write beyond a limit on file sizes then fails with EFBIG and is reported like any other.
  std::signal(SIGXFSZ, SIG_IGN);
  int provided = 0;
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
    print_error("MPI: MPI_Init_thread failed");
    return static_cast<int>(ExitCode::unclassified);
  }
  int exit_code = 0;
  try {
    start_petsc();
    exit_code = run_body(body);
    static_cast<void>(PetscFinalize());  // the run is over, and told of
  } catch (...) {
    const Failure failure = current_failure();
    print_error(failure.message);
    MPI_Abort(MPI_COMM_WORLD, failure.exit_code);
  }
  MPI_Finalize();
  return exit_code;
}

int guarded_main_serial(const std::function<int()>& body) {
  if (!is_first_process()) return static_cast<int>(ExitCode::done);
  try {
    return body();
  } catch (...) {
    const Failure failure = current_failure();
    print_error(failure.message);
    return failure.exit_code;
  }
}

}  // namespace tessera
