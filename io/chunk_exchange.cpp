#include "io/chunk_exchange.hpp"

#include <algorithm>
#include <exception>

namespace tessera {

namespace {

constexpr int request_tag = 101;
constexpr int pattern_tag = 102;
constexpr Index largest_read_bytes = Index{256} << 20;
constexpr Index cached_group_bytes = Index{1} << 30;  ///< what PatternFile's chunk cache is sure to keep

/// A pattern that somebody needs. Both sides sort their lists in this order, and MPI keeps the order of the messages
/// between two ranks, so that patterns need no label.
struct Wanted {
  Index group = 0;
  Index pattern = 0;
  Index place = 0;  ///< the slot of the output on the asking side; the asking rank on the reading side
  friend auto operator<=>(const Wanted&, const Wanted&) = default;  // NOLINT(modernize-use-nullptr): no pointer here
};

/// What this rank needs from each reader, in order. [reader]
std::vector<std::vector<Wanted>> sort_by_reader(const Comm& comm, const PatternLayout& layout,
                                                std::span<const Index> indices) {
  std::vector<std::vector<Wanted>> needs(static_cast<std::size_t>(comm.size()));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Index group = layout.group_of(indices[i]);
    needs[static_cast<std::size_t>(group % comm.size())].push_back({group, indices[i], static_cast<Index>(i)});
  }
  for (auto& list : needs) std::sort(list.begin(), list.end());
  return needs;
}

/// Tells every reader what this rank needs and returns what others need from this one, in order.
std::vector<Wanted> exchange_requests(const Comm& comm, const PatternLayout& layout,
                                      const std::vector<std::vector<Wanted>>& needs) {
  const auto n_ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::vector<Index>> lists(n_ranks);
  std::vector<int> asks(n_ranks);
  std::vector<MPI_Request> requests;
  for (std::size_t reader = 0; reader < n_ranks; ++reader) {
    for (const auto& wanted : needs[reader]) lists[reader].push_back(wanted.pattern);
    asks[reader] = lists[reader].empty() ? 0 : 1;
    if (lists[reader].empty()) continue;
    check_mpi(MPI_Isend(lists[reader].data(), static_cast<int>(lists[reader].size()), MPI_INT64_T,
                        static_cast<int>(reader), request_tag, comm.handle(), &requests.emplace_back()),
              "MPI_Isend");
  }
  int n_askers = 0;
  check_mpi(MPI_Reduce_scatter_block(asks.data(), &n_askers, 1, MPI_INT, MPI_SUM, comm.handle()),
            "MPI_Reduce_scatter_block");
  std::vector<Wanted> orders;
  std::vector<Index> list;
  for (int i = 0; i < n_askers; ++i) {
    MPI_Status status;
    int length = 0;
    check_mpi(MPI_Probe(MPI_ANY_SOURCE, request_tag, comm.handle(), &status), "MPI_Probe");
    check_mpi(MPI_Get_count(&status, MPI_INT64_T, &length), "MPI_Get_count");
    list.resize(static_cast<std::size_t>(length));
    check_mpi(
        MPI_Recv(list.data(), length, MPI_INT64_T, status.MPI_SOURCE, request_tag, comm.handle(), MPI_STATUS_IGNORE),
        "MPI_Recv");
    for (const Index pattern : list) orders.push_back({layout.group_of(pattern), pattern, status.MPI_SOURCE});
  }
  check_mpi(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  std::sort(orders.begin(), orders.end());
  return orders;
}

std::vector<MPI_Request> post_receives(const Comm& comm, const std::vector<std::vector<Wanted>>& needs,
                                       Index pattern_bytes, std::span<std::byte> out) {
  std::vector<MPI_Request> requests;
  for (std::size_t reader = 0; reader < needs.size(); ++reader)
    for (const auto& wanted : needs[reader])
      check_mpi(MPI_Irecv(out.data() + wanted.place * pattern_bytes, static_cast<int>(pattern_bytes), MPI_BYTE,
                          static_cast<int>(reader), pattern_tag, comm.handle(), &requests.emplace_back()),
                "MPI_Irecv");
  return requests;
}

/// Reads runs of neighbouring patterns of one group and sends each pattern to those who asked.
class Server {
 public:
  Server(const Comm& comm, const PatternFile& file, const PatternLayout& layout)
      : comm_(comm), file_(file), layout_(layout), pattern_bytes_(layout.pattern_bytes()) {}

  void serve(std::span<const Wanted> orders) {
    const Index longest = std::max<Index>(1, largest_read_bytes / pattern_bytes_);
    for (std::size_t first = 0; first < orders.size();) {
      std::size_t last = first + 1;
      while (last < orders.size() && orders[last].group == orders[first].group &&
             orders[last].pattern <= orders[last - 1].pattern + 1 &&
             orders[last].pattern < orders[first].pattern + longest)
        ++last;
      const bool new_group = first == 0 || orders[first].group != orders[first - 1].group;
      if (new_group || layout_.group_bytes() > cached_group_bytes)
        bytes_read_ += static_cast<double>(layout_.group_bytes());
      serve_run(orders.subspan(first, last - first));
      first = last;
    }
  }
  double bytes_read() const { return bytes_read_; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void serve_run(std::span<const Wanted> run) {
    const Index first = run.front().pattern;
    const Index n = run.back().pattern - first + 1;
    buffer_.resize(static_cast<std::size_t>(n * pattern_bytes_));
    try {
      if (!failure_) file_.read_run(first, n, buffer_.data());
    } catch (...) {
      failure_ = std::current_exception();  // the others wait for messages: send what there is, agree later
    }
    std::vector<MPI_Request> requests;
    for (const auto& order : run)
      check_mpi(
          MPI_Isend(buffer_.data() + (order.pattern - first) * pattern_bytes_, static_cast<int>(pattern_bytes_),
                    MPI_BYTE, static_cast<int>(order.place), pattern_tag, comm_.handle(), &requests.emplace_back()),
          "MPI_Isend");
    check_mpi(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  }

  const Comm& comm_;
  const PatternFile& file_;
  const PatternLayout& layout_;
  Index pattern_bytes_;
  std::vector<std::byte> buffer_;
  double bytes_read_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

double read_by_chunk(const Comm& comm, const PatternFile& file, const PatternLayout& layout,
                     std::span<const Index> indices, std::span<std::byte> out) {
  const auto needs = sort_by_reader(comm, layout, indices);
  const auto orders = exchange_requests(comm, layout, needs);
  auto receives = post_receives(comm, needs, layout.pattern_bytes(), out);
  Server server(comm, file, layout);
  server.serve(orders);
  check_mpi(MPI_Waitall(static_cast<int>(receives.size()), receives.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  comm.agree([&] { server.rethrow(); });
  return server.bytes_read();
}

}  // namespace tessera
