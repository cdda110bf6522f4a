#include "src/decomposition/overlap_exchange.hpp"

#include "src/arrays/complex.hpp"

namespace tessera {

namespace {

constexpr int refresh_tag = 1;
constexpr int add_tag = 2;

int checked_bytes(Index bytes) {
  TESSERA_ASSERT(bytes <= Index{1} << 31, bytes);
  return static_cast<int>(bytes);
}

}  // namespace

template <class T>
OverlapExchange<T>::OverlapExchange(const Comm& comm, DeviceKind device, OverlapPlan plan, Index planes)
    : comm_(comm),
      device_(device),
      plan_(std::move(plan)),
      planes_(planes),
      foreign_(messages(plan_.foreign)),
      shared_(messages(plan_.shared)),
      own_(device, planes * intersect(plan_.owned, plan_.work).count()) {}

template <class T>
std::vector<typename OverlapExchange<T>::Message> OverlapExchange<T>::messages(
    const std::vector<Overlap>& overlaps) const {
  std::vector<Message> all;
  for (const Overlap& overlap : overlaps) {
    const Index count = planes_ * overlap.box.count();
    all.push_back({overlap, Array<T>(device_, count), std::vector<T>(static_cast<std::size_t>(count))});
  }
  return all;
}

template <class T>
void OverlapExchange<T>::replan(OverlapPlan plan) {
  plan_ = std::move(plan);
  foreign_ = messages(plan_.foreign);
  shared_ = messages(plan_.shared);
  own_ = Array<T>(device_, planes_ * intersect(plan_.owned, plan_.work).count());
}

template <class T>
std::size_t OverlapExchange<T>::bytes() const {
  std::size_t total = own_.bytes();
  for (const auto* side : {&foreign_, &shared_})
    for (const Message& message : *side) total += 2 * message.packed.bytes();
  return total;
}

template <class T>
Index OverlapExchange<T>::refresh_bytes() const {
  Index bytes = 0;
  for (const Message& message : shared_) bytes += static_cast<Index>(message.packed.bytes());
  return bytes;
}

template <class T>
void OverlapExchange<T>::send(Message& message, const BoxedView<const T>& from, int tag) {
  pack_box<T>(device_, from, message.overlap.box, message.packed.data());
  message.packed.download(message.host);
  const Index bytes = static_cast<Index>(message.packed.bytes());
  check_mpi(MPI_Isend(message.host.data(), checked_bytes(bytes), MPI_BYTE, message.overlap.peer, tag, comm_.handle(),
                      &requests_.emplace_back()),
            "MPI_Isend");
  traffic_.bytes_sent += bytes;
}

template <class T>
void OverlapExchange<T>::receive(Message& message, int tag) {
  check_mpi(MPI_Irecv(message.host.data(), checked_bytes(static_cast<Index>(message.packed.bytes())), MPI_BYTE,
                      message.overlap.peer, tag, comm_.handle(), &requests_.emplace_back()),
            "MPI_Irecv");
}

template <class T>
void OverlapExchange<T>::wait_for_all() {
  const double start = MPI_Wtime();
  check_mpi(MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
  requests_.clear();
  traffic_.seconds_waiting += MPI_Wtime() - start;
}

template <class T>
void OverlapExchange<T>::refresh(View3<const T> owned, View3<T> work) {
  const BoxedView<const T> from{owned, plan_.owned};
  const BoxedView<T> to{work, plan_.work};
  for (Message& message : foreign_) receive(message, refresh_tag);
  for (Message& message : shared_) send(message, from, refresh_tag);
  const Box own = intersect(plan_.owned, plan_.work);
  pack_box<T>(device_, from, own, own_.data());
  unpack_box<T>(device_, own_.data(), own, to);
  wait_for_all();
  ++traffic_.refreshes;
  for (Message& message : foreign_) {
    message.packed.upload(message.host);
    unpack_box<T>(device_, message.packed.data(), message.overlap.box, to);
  }
}

template <class T>
void OverlapExchange<T>::begin_add() {
  for (Message& message : shared_) receive(message, add_tag);
}

template <class T>
void OverlapExchange<T>::send_overlap(std::size_t foreign, View3<const T> work) {
  send(foreign_.at(foreign), {work, plan_.work}, add_tag);
}

template <class T>
void OverlapExchange<T>::poll() {
  int done = 0;
  if (!requests_.empty())
    check_mpi(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
              "MPI_Testall");
  if (done != 0) requests_.clear();
}

template <class T>
void OverlapExchange<T>::finish_add(View3<const T> work, View3<T> owned) {
  const Box own = intersect(plan_.owned, plan_.work);
  const BoxedView<T> to{owned, plan_.owned};
  // Owned pixels beyond this rank's own windows get contributions from other ranks only.
  set_zero(device_, owned);
  pack_box<T>(device_, {work, plan_.work}, own, own_.data());
  unpack_box<T>(device_, own_.data(), own, to);
  wait_for_all();
  for (Message& message : shared_) {
    message.packed.upload(message.host);
    add_box<T>(device_, message.packed.data(), message.overlap.box, to);
  }
}

template class OverlapExchange<float>;
template class OverlapExchange<double>;
template class OverlapExchange<Complex<float>>;
template class OverlapExchange<Complex<double>>;

}  // namespace tessera
