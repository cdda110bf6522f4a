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

std::vector<double> numbers(int rank, Index count) {
  std::vector<double> all;
  for (Index i = 0; i < count; ++i) all.push_back(number(rank, i));
  return all;
}

enum class End { arrived, refused, lost };

/// The same bytes to the next rank and from the one before; nothing is left with MPI unless it is lost.
End exchange(const Comm& comm, std::span<const std::byte> sent, std::span<std::byte> received, double patience_s,
             std::string& refusal) {
  const int next = (comm.rank() + 1) % comm.size(), previous = (comm.rank() + comm.size() - 1) % comm.size();
  std::vector<MPI_Request> requests, outgoing;
  try {
    comm.receive(received, previous, tag, requests);
  } catch (const SystemError& error) {
    refusal = error.what();
    return End::refused;
  }
  try {
    comm.send(sent, next, tag, outgoing);
  } catch (const SystemError& error) {
    refusal = error.what();
    check_mpi(MPI_Cancel(requests.data()), "MPI_Cancel");
    wait_for(requests);
    return End::refused;
  }
  requests.insert(requests.end(), outgoing.begin(), outgoing.end());
  int done = 0;
  for (const double start_s = now_s(); done == 0 && now_s() - start_s < patience_s;)
    check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
              "MPI_Testall");
  return done != 0 ? End::arrived : End::lost;
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
  const int previous = (comm.rank() + comm.size() - 1) % comm.size();
  Array<double> sent, received;
  for (const Index count : {few, many}) {
    comm.agree([&] {
      sent = make_array(DeviceKind::cuda, numbers(comm.rank(), count));
      received = Array<double>(DeviceKind::cuda, count);
      finish(DeviceKind::cuda);  // before MPI touches them
    });
    std::string refusal;
    const End end = exchange(comm, std::as_bytes(std::span(sent.data(), static_cast<std::size_t>(count))),
                             std::as_writable_bytes(std::span(received.data(), static_cast<std::size_t>(count))),
                             patience_s, refusal);
    if (comm.any(end == End::lost))
      throw SystemError(ExitCode::unclassified,
                        fmt::format("MPI: a message of {} bytes from one GPU's memory to another's did not arrive "
                                    "within {} s; use run.gpu_aware_mpi: off",
                                    received.bytes(), patience_s),
                        true);
    if (comm.any(end == End::refused)) return "it refuses a GPU's memory" + (refusal.empty() ? "" : ": " + refusal);
    bool right = false;
    comm.agree([&] { right = received.to_vector() == numbers(previous, count); });
    if (comm.any(!right)) return "other bytes than those sent arrived in a GPU's memory";
  }
  return "";
}

}  // namespace tessera
