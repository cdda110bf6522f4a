#include "io/chunk_exchange.hpp"

#include <algorithm>
#include <limits>
#include <thread>

namespace tessera {

namespace {

constexpr int label_tag = 101;
constexpr int pattern_tag = 102;

}  // namespace

std::vector<int> pattern_owners(const Comm& comm, std::span<const Index> indices, Index n_patterns) {
  std::vector<int> counts(static_cast<std::size_t>(comm.size())), starts(counts.size(), 0);
  const int mine = static_cast<int>(indices.size());
  check_mpi(MPI_Allgather(&mine, 1, MPI_INT, counts.data(), 1, MPI_INT, comm.handle()), "MPI_Allgather");
  Index total = 0;
  for (std::size_t rank = 0; rank < counts.size(); ++rank) {
    starts[rank] = static_cast<int>(total);
    total += counts[rank];
    TESSERA_ASSERT(total <= std::numeric_limits<int>::max(), total);
  }
  std::vector<Index> all(static_cast<std::size_t>(total));
  check_mpi(MPI_Allgatherv(indices.data(), mine, MPI_INT64_T, all.data(), counts.data(), starts.data(), MPI_INT64_T,
                           comm.handle()),
            "MPI_Allgatherv");
  std::vector<int> owner(static_cast<std::size_t>(n_patterns), -1);
  for (std::size_t rank = 0; rank < counts.size(); ++rank)
    for (int i = 0; i < counts[rank]; ++i) {
      int& who =
          owner[static_cast<std::size_t>(all[static_cast<std::size_t>(starts[rank]) + static_cast<std::size_t>(i)])];
      TESSERA_ASSERT(who < 0, who, rank);
      who = static_cast<int>(rank);
    }
  return owner;
}

ChunkExchange::ChunkExchange(const Comm& comm, std::span<const WantedPattern> wanted, std::span<const int> owner,
                             Index columns, Index pattern_bytes, Index n_foreign, Index message_bytes,
                             const PatternSink& sink)
    : comm_(comm),
      wanted_(wanted),
      owner_(owner),
      columns_(columns),
      pattern_bytes_(pattern_bytes),
      awaited_(n_foreign),
      message_patterns_(std::max<Index>(1, message_bytes / pattern_bytes)),
      sink_(sink) {
  if (n_foreign > 0) arriving_.resize(static_cast<std::size_t>(message_patterns_ * pattern_bytes));
}

void ChunkExchange::deliver(const Box& block, Outgoing& out) {
  for (Index y = block.y0; y < block.y1; ++y) {
    const Index start = y * columns_ + block.x0, end = y * columns_ + block.x1;
    const std::byte* const row = out.data.data() + (y - block.y0) * block.width() * pattern_bytes_;
    if (owner_.empty()) {
      take(start, end - start, row);
      continue;
    }
    for (Index first = start; first < end;) {
      const int rank = owner_[static_cast<std::size_t>(first)];
      Index last = first + 1;
      while (last < end && owner_[static_cast<std::size_t>(last)] == rank) ++last;
      const std::byte* const patterns = row + (first - start) * pattern_bytes_;
      if (rank == comm_.rank()) take(first, last - first, patterns);
      if (rank >= 0 && rank != comm_.rank()) send(rank, first, last - first, patterns, out);
      first = last;
    }
  }
}

/// Gives the sink those of the patterns first .. first + n - 1 that this rank needs.
void ChunkExchange::take(Index first, Index n, const std::byte* patterns) {
  auto next = std::ranges::lower_bound(wanted_, WantedPattern{first, 0});
  while (next != wanted_.end() && next->pattern < first + n) {
    const Index run = next->pattern;
    slots_.clear();
    for (;
         next != wanted_.end() && next->pattern < first + n && next->pattern == run + static_cast<Index>(slots_.size());
         ++next)
      slots_.push_back(next->slot);
    try {
      sink_(slots_, std::span(patterns + (run - first) * pattern_bytes_,
                              slots_.size() * static_cast<std::size_t>(pattern_bytes_)));
    } catch (...) {
      note(run, std::current_exception());
    }
  }
}

/// Synchronous, so that a rank that falls behind is waited for, and does not collect what others send.
void ChunkExchange::send(int rank, Index first, Index n, const std::byte* patterns, Outgoing& out) {
  for (Index done = 0; done < n; done += message_patterns_) {
    const Index count = std::min(message_patterns_, n - done);
    out.labels.push_back({first + done, count});
    check_mpi(MPI_Isend(out.labels.back().data(), 2, MPI_INT64_T, rank, label_tag, comm_.handle(),
                        &out.requests.emplace_back()),
              "MPI_Isend");
    check_mpi(MPI_Issend(patterns + done * pattern_bytes_, static_cast<int>(count * pattern_bytes_), MPI_BYTE, rank,
                         pattern_tag, comm_.handle(), &out.requests.emplace_back()),
              "MPI_Issend");
  }
}

void ChunkExchange::poll() {
  while (awaited_ > 0) {
    int there = 0;
    MPI_Status status;
    if (receive_ != MPI_REQUEST_NULL) {
      check_mpi(MPI_Test(&receive_, &there, MPI_STATUS_IGNORE), "MPI_Test");
      if (there == 0) return;
      take(label_[0], label_[1], arriving_.data());
      awaited_ -= label_[1];
      continue;
    }
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, label_tag, comm_.handle(), &there, &status), "MPI_Iprobe");
    if (there == 0) return;
    check_mpi(MPI_Recv(label_.data(), 2, MPI_INT64_T, status.MPI_SOURCE, label_tag, comm_.handle(), MPI_STATUS_IGNORE),
              "MPI_Recv");
    if (label_[0] < 0) {
      awaited_ -= label_[1];
      continue;
    }
    check_mpi(MPI_Irecv(arriving_.data(), static_cast<int>(label_[1] * pattern_bytes_), MPI_BYTE, status.MPI_SOURCE,
                        pattern_tag, comm_.handle(), &receive_),
              "MPI_Irecv");
  }
}

void ChunkExchange::wait(Outgoing& out) {
  for (int all_gone = 0; all_gone == 0;) {
    check_mpi(MPI_Testall(static_cast<int>(out.requests.size()), out.requests.data(), &all_gone, MPI_STATUSES_IGNORE),
              "MPI_Testall");
    poll();
    if (all_gone == 0) std::this_thread::yield();
  }
  out.requests.clear();
  out.labels.clear();
}

void ChunkExchange::finish() {
  for (poll(); awaited_ > 0; poll()) std::this_thread::yield();
  wait(farewell_);
}

void ChunkExchange::give_up(std::span<const Index> owed) {
  for (int rank = 0; rank < static_cast<int>(owed.size()); ++rank) {
    const Index missing = owed[static_cast<std::size_t>(rank)];
    if (missing == 0 || rank == comm_.rank()) continue;
    farewell_.labels.push_back({-1, missing});
    check_mpi(MPI_Isend(farewell_.labels.back().data(), 2, MPI_INT64_T, rank, label_tag, comm_.handle(),
                        &farewell_.requests.emplace_back()),
              "MPI_Isend");
  }
}

void ChunkExchange::note(Index pattern, std::exception_ptr error) {
  if (error_ && error_pattern_ <= pattern) return;
  error_ = std::move(error);
  error_pattern_ = pattern;
}

void ChunkExchange::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace tessera
