#pragma once

#include <mpi.h>

#include <array>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Lets any rank end a step that every rank takes at its own pace, with no collective call on the way: small reductions
/// go on in the background, one after the other, as often as the slowest rank looks. Between its construction and
/// `over` no rank may make a collective call on `comm`.
class Halt {
 public:
  explicit Halt(const Comm& comm) : comm_(comm) {}
  Halt(const Halt&) = delete;
  Halt& operator=(const Halt&) = delete;

  /// This rank wants all to end.
  void ask() { asks_ = true; }
  /// Whether a rank is known to have asked. Never waits; to be called often.
  bool asked();
  /// This rank has nothing left to do.
  void done() { done_ = true; }
  /// Whether no rank has. Never waits; each rank calls it again and again until it is so.
  bool over();

 private:
  void look();

  const Comm& comm_;
  bool asks_ = false, done_ = false, asked_ = false, over_ = false;
  std::array<int, 2> mine_{}, all_{};  ///< somebody asks, somebody is at work
  MPI_Request request_ = MPI_REQUEST_NULL;
};

}  // namespace tessera
