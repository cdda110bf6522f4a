#pragma once

#include <mpi.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/index.hpp"

namespace tessera {

/// Throws SystemError with call and MPI's own words unless `code` is MPI_SUCCESS; std::bad_alloc without memory left.
void check_mpi(int code, const char* call);

/// Until all are done; none is left.
void wait_for(std::vector<MPI_Request>& requests);

/// A duplicated communicator that frees itself. Calls marked (collective) are made by every rank.
class Comm {
 public:
  /// `largest_bytes`: see below.
  explicit Comm(MPI_Comm parent, Index largest_bytes = Index{1} << 30);
  ~Comm();
  Comm(const Comm&) = delete;
  Comm& operator=(const Comm&) = delete;

  MPI_Comm handle() const { return handle_; }
  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }
  /// The most bytes that one call of MPI carries, as its counts have 32 bits. What is larger crosses in several.
  Index largest_bytes() const { return largest_bytes_; }

  /// Sums in place over the ranks (collective).
  void sum(std::span<double> values) const;
  /// Starts the same: until the requests that it adds are done, the values belong to MPI (collective).
  void start_sum(std::span<double> values, std::vector<MPI_Request>& requests) const;
  /// The same on root alone; what the others hold stays (collective).
  void sum_to_root(std::span<double> values) const;
  double sum(double value) const;
  Index sum(Index value) const;
  double max(double value) const;
  Index max(Index value) const;
  bool any(bool value) const;
  /// The sum over the ranks that share this rank's node, and how many they are (collective).
  struct NodeSum {
    double sum = 0;
    int ranks = 1;
  };
  NodeSum sum_on_node(double value) const;
  /// This rank's number among those of its node, and the texts that they gave, by that number (collective).
  struct NodeTexts {
    int rank = 0;
    std::vector<std::string> texts;
  };
  NodeTexts texts_on_node(const std::string& text) const;
  /// Every rank's text on root, by rank; nothing on the others (collective).
  std::vector<std::string> texts_to_root(const std::string& text) const;
  void barrier() const;
  /// Root's bytes to all (collective); the string takes root's length.
  void broadcast(std::string& text) const;
  template <class T>
  void broadcast(std::vector<T>& values) const;
  template <class T>
  void broadcast(T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    broadcast_bytes(&value, sizeof(T));
  }
  /// Every rank's value on every rank, by rank (collective). Cost: O(ranks).
  std::vector<double> gather_all(double value) const;

  /// The ranks' parts one after the other, on every rank (collective). Cost: the whole on every rank.
  std::vector<double> concatenate(std::span<const double> part) const;

  /// Start to send to a peer, or to receive what it sends with the same tag: one more request for each message that the
  /// bytes cross in. Until the requests are done the bytes may not be written to, or read.
  void send(std::span<const std::byte> bytes, int peer, int tag, std::vector<MPI_Request>& requests) const;
  void receive(std::span<std::byte> bytes, int peer, int tag, std::vector<MPI_Request>& requests) const;

  /// Runs `step` on every rank; when it throws anywhere, the error of the lowest such rank is thrown on all of them,
  /// marked as agreed, with "(rank r)" at its end when there are several ranks (collective). `step` itself must not
  /// stop some ranks before a collective call that the others reach.
  void agree(const std::function<void()>& step) const;

 private:
  void broadcast_bytes(void* data, Index bytes, int root = 0) const;
  /// Calls run(first, n) for parts of `count` numbers of `size` bytes that one call of MPI carries.
  void in_parts(std::size_t count, std::size_t size, const std::function<void(std::size_t, int)>& run) const;

  MPI_Comm handle_ = MPI_COMM_NULL;
  Index largest_bytes_;
  int rank_ = 0;
  int size_ = 1;
};

template <class T>
void Comm::broadcast(std::vector<T>& values) const {
  static_assert(std::is_trivially_copyable_v<T>);
  Index count = static_cast<Index>(values.size());
  broadcast_bytes(&count, sizeof count);
  values.resize(static_cast<std::size_t>(count));
  broadcast_bytes(values.data(), count * static_cast<Index>(sizeof(T)));
}

}  // namespace tessera
