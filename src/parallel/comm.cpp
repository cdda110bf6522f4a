#include "src/parallel/comm.hpp"

#include <algorithm>
#include <new>
#include <optional>

namespace tessera {

namespace {

constexpr std::size_t block = std::size_t{1} << 28;  ///< numbers of one call, whose counts are 32-bit

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw SystemError(ExitCode::internal, fmt::format("MPI: {} failed: {}", call, text));
}

Comm::Comm(MPI_Comm parent) {
  check_mpi(MPI_Comm_dup(parent, &handle_), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(handle_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_rank(handle_, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(handle_, &size_), "MPI_Comm_size");
}

Comm::~Comm() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (finalized == 0) MPI_Comm_free(&handle_);
}

void Comm::sum(std::span<double> values) const {
  for (std::size_t first = 0; first < values.size(); first += block) {
    const auto count = static_cast<int>(std::min(block, values.size() - first));
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, values.data() + first, count, MPI_DOUBLE, MPI_SUM, handle_), "MPI_Allreduce");
  }
}

void Comm::sum_to_root(std::span<double> values) const {
  for (std::size_t first = 0; first < values.size(); first += block) {
    const auto count = static_cast<int>(std::min(block, values.size() - first));
    double* const data = values.data() + first;
    check_mpi(MPI_Reduce(is_root() ? MPI_IN_PLACE : data, data, count, MPI_DOUBLE, MPI_SUM, 0, handle_), "MPI_Reduce");
  }
}

double Comm::sum(double value) const {
  sum(std::span(&value, 1));
  return value;
}

Index Comm::sum(Index value) const {
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT64_T, MPI_SUM, handle_), "MPI_Allreduce");
  return value;
}

double Comm::max(double value) const {
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, handle_), "MPI_Allreduce");
  return value;
}

Index Comm::max(Index value) const {
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT64_T, MPI_MAX, handle_), "MPI_Allreduce");
  return value;
}

bool Comm::any(bool value) const { return max(Index{value ? 1 : 0}) != 0; }

void Comm::barrier() const { check_mpi(MPI_Barrier(handle_), "MPI_Barrier"); }

void Comm::broadcast(std::string& text) const {
  std::vector<char> bytes(text.begin(), text.end());
  broadcast(bytes);
  text.assign(bytes.begin(), bytes.end());
}

std::vector<double> Comm::gather_all(double value) const {
  std::vector<double> values(static_cast<std::size_t>(size_));
  check_mpi(MPI_Allgather(&value, 1, MPI_DOUBLE, values.data(), 1, MPI_DOUBLE, handle_), "MPI_Allgather");
  return values;
}

std::vector<double> Comm::concatenate(std::span<const double> part) const {
  const int mine = static_cast<int>(part.size());
  std::vector<int> counts(static_cast<std::size_t>(size_)), first(static_cast<std::size_t>(size_), 0);
  check_mpi(MPI_Allgather(&mine, 1, MPI_INT, counts.data(), 1, MPI_INT, handle_), "MPI_Allgather");
  for (std::size_t r = 1; r < counts.size(); ++r) first[r] = first[r - 1] + counts[r - 1];
  std::vector<double> whole(static_cast<std::size_t>(first.back() + counts.back()));
  check_mpi(
      MPI_Allgatherv(part.data(), mine, MPI_DOUBLE, whole.data(), counts.data(), first.data(), MPI_DOUBLE, handle_),
      "MPI_Allgatherv");
  return whole;
}

void Comm::broadcast_bytes(void* data, Index bytes) const {
  constexpr Index block = Index{1} << 30;
  for (Index first = 0; first < bytes; first += block)
    check_mpi(MPI_Bcast(static_cast<char*>(data) + first, static_cast<int>(std::min(block, bytes - first)), MPI_BYTE, 0,
                        handle_),
              "MPI_Bcast");
}

void Comm::agree(const std::function<void()>& step) const {
  std::optional<std::string> message;
  int code = static_cast<int>(ExitCode::unclassified);
  try {
    step();
  } catch (const Error& error) {
    message = error.what();
    code = static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    message = out_of_memory;
  } catch (const std::exception& error) {
    message = error.what();
  }
  int lowest = message ? rank_ : size_;
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, handle_), "MPI_Allreduce");
  if (lowest == size_) return;
  Index length = message ? static_cast<Index>(message->size()) : 0;
  check_mpi(MPI_Bcast(&length, 1, MPI_INT64_T, lowest, handle_), "MPI_Bcast");
  check_mpi(MPI_Bcast(&code, 1, MPI_INT, lowest, handle_), "MPI_Bcast");
  std::string text = rank_ == lowest ? *message : std::string(static_cast<std::size_t>(length), ' ');
  check_mpi(MPI_Bcast(text.data(), static_cast<int>(length), MPI_CHAR, lowest, handle_), "MPI_Bcast");
  if (size_ > 1) text += fmt::format(" (rank {})", lowest);
  throw Error(static_cast<ExitCode>(code), text, true);
}

}  // namespace tessera
