#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tessera::fake {

/// The count-th piece of work of a stream.
struct Moment {
  std::size_t stream;
  std::uint64_t count;
};

/// For each stream, how many pieces of its work happened before something (a vector clock).
using Clock = std::map<std::size_t, std::uint64_t>;

void join(Clock& clock, const Clock& other);
bool before(const Moment& moment, const Clock& clock);

/// Bytes that a piece of work reads or writes.
struct Range {
  const std::byte* begin;
  std::size_t bytes;
  bool write;
};

/// A range that was used, when, and by what.
struct Use {
  Range range;
  Moment moment;
  std::string what;
};

/// What a piece of work has touched: whole pages that it read, and of those it wrote what has changed.
struct Trace {
  std::vector<Range> ranges = {};
  std::uint64_t read_bytes = 0, written_bytes = 0;  ///< of whole pages
};

enum class BlockKind { device, pinned };

/// One allocation, which ends at the end of its pages, between two pages that nobody may touch. Its uses are those that
/// the host has not waited for.
struct Block {
  std::size_t number;
  BlockKind kind;
  int device;
  std::byte* begin;
  std::size_t bytes;
  std::byte* pages;
  std::size_t page_bytes;
  std::vector<Use> uses;
  bool open = false;
  bool freeing = false;  ///< cudaFreeAsync has been called
};

/// All memory of devices and all pinned memory. Addresses are never given out twice, so that what is used after it was
/// freed crashes. Fresh memory is full of bytes that are NaN as numbers.
class Memory {
 public:
  /// A new block.
  Block& allocate(BlockKind kind, int device, std::size_t bytes);
  /// Takes a block's memory away; true if what lies beside it was still as it should be.
  bool release(std::byte* begin);
  /// The block that contains the address, or null.
  Block* find(const void* address);
  /// The block that begins there, or null.
  Block* begins(const void* address);
  const std::map<std::byte*, Block>& blocks() const { return blocks_; }
  /// With what cudaFreeAsync is to free, or without: what comes later in order may have that.
  std::size_t used_bytes(int device, bool with_freeing) const;

  /// Opens the block that holds an address to work that touches it, for the handler of page faults too; false if the
  /// access is wrong. What is not touched stays closed: opening all for each piece of work would take most of the time.
  bool open_block(const void* address);
  /// Takes from the host what work has opened.
  void close();
  /// Opens all to the host, for as long as the changes add up to more than 0.
  void hold_open(int change);

  /// Between these, each page of the devices is closed until it is first read, and to writing until it is first
  /// written; the second tells which were. Not while the host holds memory open: then there is no trace.
  void begin_trace();
  Trace end_trace();
  /// For the handler of page faults: opens what is touched, a page at a time in a trace; false if the access is wrong.
  bool open_touched(const void* address, bool writes);

  /// In words what lies at an address, for the report of a crash; empty if none of it is ours.
  std::string describe(const void* address) const;
  void forget_uses(const Clock& known);

 private:
  bool open_page(const void* address, const Block& block, bool writes);

  std::map<std::byte*, Block> blocks_;  ///< by first byte
  std::map<std::byte*, Block> freed_;
  std::size_t allocated_ = 0;
  std::vector<Block*> open_;  ///< by work
  int held_open_ = 0;
  bool tracing_ = false;
  struct Touch {
    const Block* block;
    bool read = true;                    ///< before it was written, if it was
    std::vector<std::byte> before = {};  ///< what the page held, once it is written
  };
  std::map<std::byte*, Touch> touched_;  ///< by page
};

}  // namespace tessera::fake
