#pragma once

#include <array>
#include <deque>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "src/geometry/box.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// Takes patterns as they come: which of the asked ones they are (places in the list of indices), and their bytes,
/// pattern after pattern. Called in no particular order; each place once.
using PatternSink = std::function<void(std::span<const Index> slots, std::span<const std::byte> patterns)>;

/// What a rank needs: pattern and slot, in the order of the file.
struct WantedPattern {
  Index pattern = 0;
  Index slot = 0;
  friend auto operator<=>(const WantedPattern&, const WantedPattern&) = default;  // NOLINT(modernize-use-nullptr)
};

/// The rank that needs each pattern, [pattern], or -1 (collective). Two that need the same are an internal
/// error. Cost on every rank: 4 bytes a pattern of the dataset, and for a moment 8 bytes a pattern needed.
std::vector<int> pattern_owners(const Comm& comm, std::span<const Index> indices, Index n_patterns);

/// Hands blocks of patterns to those who need them: to this rank's sink at once, to other ranks in messages of
/// neighbouring patterns. Nobody waits for a particular rank: who waits takes what arrives. Memory: one message of at
/// most `message_bytes`, beside the blocks; MPI itself may hold the small messages of all senders that are under way.
class ChunkExchange {
 public:
  /// A block on its way. It must stay as it is until `wait`.
  struct Outgoing {
    std::vector<std::byte> data;
    std::deque<std::array<Index, 2>> labels;
    std::vector<MPI_Request> requests;
  };

  /// `owner` as from pattern_owners, or empty when this rank reads for itself alone; `n_foreign` of its patterns come
  /// from other ranks. Everything that is passed must outlive the exchange.
  ChunkExchange(const Comm& comm, std::span<const WantedPattern> wanted, std::span<const int> owner, Index columns,
                Index pattern_bytes, Index n_foreign, Index message_bytes, const PatternSink& sink);

  /// Sends the patterns of a block [y, x] of scan positions, which lie in `out`.
  void deliver(const Box& block, Outgoing& out);
  /// Takes what has arrived, without waiting.
  void poll();
  /// Until the block has left.
  void wait(Outgoing& out);
  /// Whether something that this rank needs is not here yet.
  bool awaits() const { return awaited_ > 0; }
  /// Until everything that this rank needs is here.
  void finish();
  /// What went wrong on this rank with `pattern`.
  void note(Index pattern, std::exception_ptr error);
  /// This rank reads no further: tells rank r that the last owed[r] patterns do not come.
  void give_up(std::span<const Index> owed);
  /// Throws what went wrong on this rank, if anything: of several errors that of the first pattern in the file, so
  /// that the message does not depend on who was faster.
  void rethrow() const;

 private:
  void take(Index first, Index n, const std::byte* patterns);
  void send(int rank, Index first, Index n, const std::byte* patterns, Outgoing& out);

  const Comm& comm_;
  std::span<const WantedPattern> wanted_;
  std::span<const int> owner_;
  Index columns_, pattern_bytes_, awaited_, message_patterns_;
  const PatternSink& sink_;
  std::vector<Index> slots_;
  std::vector<std::byte> arriving_;
  std::array<Index, 2> label_{};
  MPI_Request receive_ = MPI_REQUEST_NULL;
  Outgoing farewell_;
  std::exception_ptr error_;
  Index error_pattern_ = 0;
};

}  // namespace tessera
