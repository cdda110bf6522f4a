#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kernels/halo_pack.hpp"
#include "src/arrays/array.hpp"
#include "src/geometry/overlap_plan.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// What crossed between ranks so far, counted at the MPI calls.
struct Traffic {
  Index bytes_sent = 0;
  Index refreshes = 0;
  double seconds_waiting = 0;  ///< exposed: nothing else was left to do
};

/// How a GPU's arrays cross between ranks: through pinned memory of the host, or from memory of one GPU to that of
/// another, for which MPI must take such addresses (gpu_messages.hpp).
enum class HaloPath { staged, direct };

/// Where the arrays of an exchange live, how they cross, and what measures its kernels (null: nothing).
struct ExchangePlace {
  /// Not explicit: mostly a device is all there is to say.
  ExchangePlace(DeviceKind kind, HaloPath halo = HaloPath::staged, std::shared_ptr<Profile> measure = nullptr)
      : device(kind), path(halo), profile(std::move(measure)) {}
  DeviceKind device;
  HaloPath path;
  std::shared_ptr<Profile> profile;

  /// Of the memory that MPI is given.
  DeviceKind message_memory() const {
    return device == DeviceKind::cuda && path == HaloPath::direct ? device : staging_for(device);
  }
};

/// Carries out an overlap plan for arrays of `planes` planes: `refresh` copies owned values to every work box that
/// holds them; the add, its adjoint, sums all work boxes into the owners. Iterates are therefore those of one rank.
/// T is float, double or Complex of them.
///
/// Kernels pack into and unpack from one buffer per overlap, which serves both ways: host memory that MPI sees and the
/// device's kernels can reach, pinned for a GPU; or the GPU's own, where MPI takes it. The host waits for the kernels
/// before MPI reads or writes there.
template <class T>
class OverlapExchange {
 public:
  OverlapExchange(const Comm& comm, const ExchangePlace& place, OverlapPlan plan, Index planes);

  const OverlapPlan& plan() const { return plan_; }
  /// Takes another plan, between exchanges; traffic goes on being counted.
  void replan(OverlapPlan plan);
  /// Bytes this rank sends in one refresh and one add, by the plan.
  Index planned_bytes() const { return plan_.pixels_sent() * planes_ * static_cast<Index>(sizeof(T)); }
  Index refresh_bytes() const;
  const Traffic& traffic() const { return traffic_; }
  /// What is held: one buffer per overlap.
  std::size_t bytes() const { return staging_.bytes(); }

  /// work = owned, over all ranks (collective).
  void refresh(View3<const T> owned, View3<T> work);

  /// The add in three steps, so that work may be done in between (collective): messages are expected; each foreign
  /// overlap leaves as soon as its sums are complete; what arrived is added in the order of the ranks, the same bits
  /// every time. `owned` is overwritten.
  void begin_add();
  void send_overlap(std::size_t foreign, View3<const T> work);
  void poll();
  void finish_add(View3<const T> work, View3<T> owned);

 private:
  /// What crosses to or from one peer.
  struct Message {
    Overlap overlap;
    std::span<T> staged;
  };
  /// Gives each overlap its part of the staging, from `first` on.
  std::vector<Message> messages(const std::vector<Overlap>& overlaps, Index first);
  /// A buffer for each overlap of the plan.
  void allocate();
  void send(const Message& message, const BoxedView<const T>& from, int tag);
  void receive(const Message& message, int tag);
  void wait_for_all();

  const Comm& comm_;
  Lane lane_;
  DeviceKind message_memory_;
  OverlapPlan plan_;
  Index planes_;
  Array<T> staging_;
  std::vector<Message> foreign_, shared_;
  std::vector<MPI_Request> requests_;
  Traffic traffic_;
};

}  // namespace tessera
