#include "src/decomposition/overlap_exchange.hpp"

#include "src/arrays/complex.hpp"
#include "src/arrays/stage.hpp"

namespace tessera {

namespace {

constexpr int refresh_tag = 1;
constexpr int add_tag = 2;

Index pixels_of(const std::vector<Overlap>& overlaps) {
  Index pixels = 0;
  for (const Overlap& overlap : overlaps) pixels += overlap.box.count();
  return pixels;
}

}  // namespace

template <class T>
OverlapExchange<T>::OverlapExchange(const Comm& comm, const ExchangePlace& place, OverlapPlan plan, Index planes)
    : comm_(comm),
      lane_(place.device, place.profile),
      message_memory_(place.message_memory()),
      plan_(std::move(plan)),
      planes_(planes) {
  allocate();
}

template <class T>
void OverlapExchange<T>::allocate() {
  staging_ = Array<T>(message_memory_, planes_ * plan_.pixels_sent());
  finish(message_memory_);  // which zeroes it, before MPI writes there
  foreign_ = messages(plan_.foreign, 0);
  shared_ = messages(plan_.shared, planes_ * pixels_of(plan_.foreign));
}

template <class T>
std::vector<typename OverlapExchange<T>::Message> OverlapExchange<T>::messages(const std::vector<Overlap>& overlaps,
                                                                               Index first) {
  std::vector<Message> all;
  for (const Overlap& overlap : overlaps) {
    const Index count = planes_ * overlap.box.count();
    all.push_back({overlap, {staging_.data() + first, static_cast<std::size_t>(count)}});
    first += count;
  }
  return all;
}

template <class T>
void OverlapExchange<T>::replan(OverlapPlan plan) {
  plan_ = std::move(plan);
  allocate();
}

template <class T>
Index OverlapExchange<T>::refresh_bytes() const {
  return planes_ * pixels_of(plan_.shared) * static_cast<Index>(sizeof(T));
}

template <class T>
void OverlapExchange<T>::send(const Message& message, const BoxedView<const T>& from, int tag) {
  const Stage stage("halo send");
  pack_box<T>(lane_, from, message.overlap.box, message.staged.data());
  finish(lane_.device());  // before MPI reads
  comm_.send(std::as_bytes(message.staged), message.overlap.peer, tag, requests_);
  traffic_.bytes_sent += static_cast<Index>(message.staged.size_bytes());
}

template <class T>
void OverlapExchange<T>::receive(const Message& message, int tag) {
  comm_.receive(std::as_writable_bytes(message.staged), message.overlap.peer, tag, requests_);
}

template <class T>
void OverlapExchange<T>::wait_for_all() {
  const double start = MPI_Wtime();
  wait_for(requests_);
  traffic_.seconds_waiting += MPI_Wtime() - start;
}

template <class T>
void OverlapExchange<T>::refresh(View3<const T> owned, View3<T> work) {
  const BoxedView<const T> from{owned, plan_.owned};
  const BoxedView<T> to{work, plan_.work};
  for (const Message& message : foreign_) receive(message, refresh_tag);
  for (const Message& message : shared_) send(message, from, refresh_tag);
  copy_box<T>(lane_, from, intersect(plan_.owned, plan_.work), to);
  wait_for_all();
  ++traffic_.refreshes;
  for (const Message& message : foreign_) unpack_box<T>(lane_, message.staged.data(), message.overlap.box, to);
  if (!foreign_.empty()) finish(lane_.device());  // before MPI writes there again
}

template <class T>
void OverlapExchange<T>::begin_add() {
  for (const Message& message : shared_) receive(message, add_tag);
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
  const BoxedView<T> to{owned, plan_.owned};
  // Owned pixels beyond this rank's own windows get contributions from other ranks only.
  set_zero(lane_.device(), owned);
  copy_box<T>(lane_, {work, plan_.work}, intersect(plan_.owned, plan_.work), to);
  wait_for_all();
  for (const Message& message : shared_) add_box<T>(lane_, message.staged.data(), message.overlap.box, to);
  if (!shared_.empty()) finish(lane_.device());
}

template class OverlapExchange<float>;
template class OverlapExchange<double>;
template class OverlapExchange<Complex<float>>;
template class OverlapExchange<Complex<double>>;

}  // namespace tessera
