#pragma once

#include <cstddef>
#include <memory>
#include <string>

/// A GPU as this program uses one. `gpu_cuda.cpp` is the only place for the CUDA runtime; a build without TESSERA_CUDA
/// has `gpu_none.cpp`, in which there is no card and everything else throws.
///
/// Work runs on streams. The default stream (null) keeps its order with all others: what is put on it waits for what
/// they were given before, and they wait for it. So whatever has no lane of its own is in order with everything, and
/// only a sweep's lanes, which have streams of their own, need events between them.
namespace tessera::gpu {

/// Whether this program was built with the back end.
bool built_in();

/// How many cards this process sees; 0 without a driver.
int count();

/// One line on why `count` is 0: no back end, no driver, one that is too old, no card.
std::string why_none();

struct Card {
  int ordinal = 0;
  std::string name;
  std::string bus_id;  ///< PCI domain:bus:device, which tells cards of a node apart
  int major = 0, minor = 0;
  std::size_t memory_bytes = 0, l2_bytes = 0;
  int multiprocessors = 0;
};
Card card(int ordinal);

/// Makes this thread's work go to a card.
void use(int ordinal);
/// The card in use by this thread.
int in_use();

struct Memory {
  std::size_t free = 0, total = 0;
};
/// Of the card in use.
Memory memory();

/// Zeroed memory of the card, from a pool that keeps what is given back. Throws AllocationError.
std::shared_ptr<void> allocate(std::size_t bytes);
/// Zeroed memory of the host that the card's kernels and copies reach.
std::shared_ptr<void> allocate_pinned(std::size_t bytes);

/// From and to anywhere, in the default stream's order; the host waits when its own memory takes part.
void copy(void* to, const void* from, std::size_t bytes);
/// The same in a stream's order; the host does not wait. Its own memory that takes part must be pinned.
void copy_on(void* stream, void* to, const void* from, std::size_t bytes);
/// Zeroes memory of the card in the default stream's order.
void zero(void* at, std::size_t bytes);

/// A stream of work, destroyed with its last owner once its work is done.
std::shared_ptr<void> make_stream();
/// The host waits for all that the stream was given.
void wait(void* stream);
/// Throws SystemError in one line when the last launch was refused, as where this program holds no code for the card.
void check_launch();

/// A point in a stream's work that another stream may wait for.
class Event {
 public:
  Event();
  void record(void* stream);
  void let_wait(void* stream) const;

 private:
  std::shared_ptr<void> event_;
};

/// Two points in a stream's work and the time that the card takes from one to the other.
class Interval {
 public:
  Interval();
  void begin(void* stream);
  /// Does not throw: what was refused is told by `seconds`.
  void end(void* stream) noexcept;
  /// [s]; both points must have been passed.
  double seconds() const;

 private:
  std::shared_ptr<void> begin_, end_;
};

/// How often the host waited for the card so far, in this process: a sweep may wait once, at its end.
long long waits();

}  // namespace tessera::gpu
