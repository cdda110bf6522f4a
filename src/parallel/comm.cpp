#include "src/parallel/comm.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <new>
#include <numeric>
#include <optional>

namespace tessera {

namespace {

/// Whether there is no memory left: then that is why a call of MPI failed, which as a rule only tells of an internal
/// error.
bool memory_is_gone() {
  constexpr std::size_t little = std::size_t{16} << 20;
  void* volatile const probe = std::malloc(little);  // volatile: else no compiler asks for it
  std::free(probe);
  return probe == nullptr;
}

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  if (memory_is_gone()) throw std::bad_alloc();
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw SystemError(ExitCode::internal, fmt::format("MPI: {} failed: {}", call, text));
}

void wait_for(std::vector<MPI_Request>& requests) {
  check_mpi(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  requests.clear();
}

Comm::Comm(MPI_Comm parent, Index largest_bytes) : largest_bytes_(largest_bytes) {
  TESSERA_ASSERT(largest_bytes > 0 && largest_bytes <= std::numeric_limits<int>::max(), largest_bytes);
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

void Comm::in_parts(std::size_t count, std::size_t size, const std::function<void(std::size_t, int)>& run) const {
  const std::size_t most = std::max(std::size_t{1}, static_cast<std::size_t>(largest_bytes_) / size);
  for (std::size_t first = 0; first < count; first += most) run(first, static_cast<int>(std::min(most, count - first)));
}

void Comm::sum(std::span<double> values) const {
  in_parts(values.size(), sizeof(double), [&](std::size_t first, int count) {
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, values.data() + first, count, MPI_DOUBLE, MPI_SUM, handle_), "MPI_Allreduce");
  });
}

void Comm::start_sum(std::span<double> values, std::vector<MPI_Request>& requests) const {
  in_parts(values.size(), sizeof(double), [&](std::size_t first, int count) {
    check_mpi(MPI_Iallreduce(MPI_IN_PLACE, values.data() + first, count, MPI_DOUBLE, MPI_SUM, handle_,
                             &requests.emplace_back()),
              "MPI_Iallreduce");
  });
}

void Comm::sum_to_root(std::span<double> values) const {
  in_parts(values.size(), sizeof(double), [&](std::size_t first, int count) {
    double* const data = values.data() + first;
    check_mpi(MPI_Reduce(is_root() ? MPI_IN_PLACE : data, data, count, MPI_DOUBLE, MPI_SUM, 0, handle_), "MPI_Reduce");
  });
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

namespace {

/// The communicator of the ranks of a node, while it is needed.
class NodeComm {
 public:
  NodeComm(MPI_Comm parent, int rank) {
    check_mpi(MPI_Comm_split_type(parent, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &handle_), "MPI_Comm_split_type");
  }
  ~NodeComm() { MPI_Comm_free(&handle_); }
  NodeComm(const NodeComm&) = delete;
  NodeComm& operator=(const NodeComm&) = delete;
  MPI_Comm handle() const { return handle_; }
  int size() const {
    int size = 1;
    check_mpi(MPI_Comm_size(handle_, &size), "MPI_Comm_size");
    return size;
  }

 private:
  MPI_Comm handle_ = MPI_COMM_NULL;
};

}  // namespace

Comm::NodeSum Comm::sum_on_node(double value) const {
  const NodeComm node(handle_, rank_);
  NodeSum result{.sum = value, .ranks = node.size()};
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &result.sum, 1, MPI_DOUBLE, MPI_SUM, node.handle()), "MPI_Allreduce");
  return result;
}

Comm::NodeTexts Comm::texts_on_node(const std::string& text) const {
  constexpr std::size_t most = 256;
  const NodeComm node(handle_, rank_);
  NodeTexts result;
  check_mpi(MPI_Comm_rank(node.handle(), &result.rank), "MPI_Comm_rank");
  std::array<char, most> mine{};
  text.copy(mine.data(), most - 1);
  std::vector<char> all(most * static_cast<std::size_t>(node.size()));
  check_mpi(MPI_Allgather(mine.data(), most, MPI_CHAR, all.data(), most, MPI_CHAR, node.handle()), "MPI_Allgather");
  for (std::size_t first = 0; first < all.size(); first += most) result.texts.emplace_back(all.data() + first);
  return result;
}

std::vector<std::string> Comm::texts_to_root(const std::string& text) const {
  const int length = static_cast<int>(text.size());
  std::vector<int> lengths(is_root() ? static_cast<std::size_t>(size_) : 0), first(lengths.size());
  check_mpi(MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, handle_), "MPI_Gather");
  std::exclusive_scan(lengths.begin(), lengths.end(), first.begin(), 0);
  std::string all(static_cast<std::size_t>(std::accumulate(lengths.begin(), lengths.end(), 0)), ' ');
  check_mpi(MPI_Gatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), first.data(), MPI_CHAR, 0, handle_),
            "MPI_Gatherv");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < lengths.size(); ++i)
    texts.push_back(all.substr(static_cast<std::size_t>(first[i]), static_cast<std::size_t>(lengths[i])));
  return texts;
}

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
  const auto mine = static_cast<Index>(part.size());
  std::vector<Index> counts(static_cast<std::size_t>(size_)), first(counts.size() + 1, 0);
  check_mpi(MPI_Allgather(&mine, 1, MPI_INT64_T, counts.data(), 1, MPI_INT64_T, handle_), "MPI_Allgather");
  std::partial_sum(counts.begin(), counts.end(), first.begin() + 1);
  std::vector<double> whole(static_cast<std::size_t>(first.back()));
  if (first.back() * static_cast<Index>(sizeof(double)) <= largest_bytes_) {
    const std::vector<int> n(counts.begin(), counts.end()), at(first.begin(), first.end());
    check_mpi(MPI_Allgatherv(part.data(), static_cast<int>(mine), MPI_DOUBLE, whole.data(), n.data(), at.data(),
                             MPI_DOUBLE, handle_),
              "MPI_Allgatherv");
    return whole;
  }
  std::ranges::copy(part, whole.begin() + first[static_cast<std::size_t>(rank_)]);
  for (int r = 0; r < size_; ++r) {
    const auto i = static_cast<std::size_t>(r);
    broadcast_bytes(whole.data() + first[i], counts[i] * static_cast<Index>(sizeof(double)), r);
  }
  return whole;
}

void Comm::broadcast_bytes(void* data, Index bytes, int root) const {
  in_parts(static_cast<std::size_t>(bytes), 1, [&](std::size_t first, int count) {
    check_mpi(MPI_Bcast(static_cast<char*>(data) + first, count, MPI_BYTE, root, handle_), "MPI_Bcast");
  });
}

void Comm::send(std::span<const std::byte> bytes, int peer, int tag, std::vector<MPI_Request>& requests) const {
  in_parts(bytes.size(), 1, [&](std::size_t first, int count) {
    check_mpi(MPI_Isend(bytes.data() + first, count, MPI_BYTE, peer, tag, handle_, &requests.emplace_back()),
              "MPI_Isend");
  });
}

void Comm::receive(std::span<std::byte> bytes, int peer, int tag, std::vector<MPI_Request>& requests) const {
  in_parts(bytes.size(), 1, [&](std::size_t first, int count) {
    check_mpi(MPI_Irecv(bytes.data() + first, count, MPI_BYTE, peer, tag, handle_, &requests.emplace_back()),
              "MPI_Irecv");
  });
}

void Comm::agree(const std::function<void()>& step) const {
  std::optional<std::string> message;
  int code = static_cast<int>(ExitCode::unclassified);
  try {
    step();
  } catch (const Error& error) {
    message = error.what();
    code = static_cast<int>(error.code());
  } catch (const std::bad_alloc& error) {
    message = text_of(error);
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
