#include "src/parallel/gpu_messages.hpp"

#include <cstdlib>
#include <string_view>

#include "src/arrays/array.hpp"
#include "src/base/clock.hpp"

#if __has_include(<mpi-ext.h>)
#include <mpi-ext.h>
#endif

namespace tessera {

namespace {

constexpr int tag = 3;

/// The i-th number that a rank sends.
double number(int rank, Index i) { return static_cast<double>(rank + 1) + 1e-7 * static_cast<double>(i); }

enum class End { good, wrong, refused, lost };

/// `count` numbers to the next rank and from the one before.
End exchange(const Comm& comm, Index count, double patience_s, std::string& refusal) {
  const int next = (comm.rank() + 1) % comm.size(), previous = (comm.rank() + comm.size() - 1) % comm.size();
  std::vector<double> mine, expected;
  for (Index i = 0; i < count; ++i) {
    mine.push_back(number(comm.rank(), i));
    expected.push_back(number(previous, i));
  }
  Array<double> sent = make_array(DeviceKind::cuda, mine), received(DeviceKind::cuda, count);
  finish(DeviceKind::cuda);  // before MPI touches them
  std::vector<MPI_Request> requests;
  int done = 0;
  try {
    comm.receive(std::as_writable_bytes(std::span(received.data(), static_cast<std::size_t>(count))), previous, tag,
                 requests);
    comm.send(std::as_bytes(std::span(sent.data(), static_cast<std::size_t>(count))), next, tag, requests);
    const double start_s = now_s();
    while (done == 0 && now_s() - start_s < patience_s)
      check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
                "MPI_Testall");
  } catch (const SystemError& error) {
    refusal = error.what();
    if (requests.empty()) return End::refused;
  }
  if (done == 0) return End::lost;
  return received.to_vector() == expected ? End::good : End::wrong;
}

}  // namespace

bool mpi_says_it_takes_gpu_memory() {
#if defined(MPIX_CUDA_AWARE_SUPPORT)
  return MPIX_Query_cuda_support() == 1;
#else
  const char* const enabled = std::getenv("MPICH_GPU_SUPPORT_ENABLED");
  return enabled != nullptr && std::string_view(enabled) == "1";
#endif
}

std::string try_gpu_messages(const Comm& comm, double patience_s) {
  if (comm.size() == 1) return "";
  constexpr Index few = 8, many = Index{1} << 18;  // that MPI sends at once, and in steps that both ranks agree on
  for (const Index count : {few, many}) {
    std::string refusal;
    const End end = exchange(comm, count, patience_s, refusal);
    if (comm.any(end == End::lost))
      throw SystemError(ExitCode::unclassified,
                        fmt::format("MPI: a message of {} bytes from one GPU's memory to another's did not arrive "
                                    "within {} s; use run.gpu_aware_mpi: off",
                                    count * static_cast<Index>(sizeof(double)), patience_s),
                        true);
    if (comm.any(end == End::refused)) return "it refuses a GPU's memory" + (refusal.empty() ? "" : ": " + refusal);
    if (comm.any(end == End::wrong)) return "other bytes than those sent arrived in a GPU's memory";
  }
  return "";
}

}  // namespace tessera
