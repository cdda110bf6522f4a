#include "memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace tessera::fake {

namespace {

constexpr int fresh = 0xFF;             // all bits set is NaN
constexpr std::size_t alignment = 256;  // as cudaMalloc promises

std::size_t rounded_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

std::size_t page() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

/// Bytes of the pages before and after the block are still as they were.
bool edges_intact(const Block& block) {
  const auto intact = [](std::byte value) { return value == std::byte{fresh}; };
  return std::all_of(block.pages, block.begin, intact) &&
         std::all_of(block.begin + block.bytes, block.pages + block.page_bytes, intact);
}

std::string name_of(const Block& block) {
  return std::string(block.kind == BlockKind::device ? "device" : "pinned") + " memory " +
         std::to_string(block.number) + " (" + std::to_string(block.bytes) + " bytes)";
}

}  // namespace

void join(Clock& clock, const Clock& other) {
  for (const auto& [stream, count] : other) {
    std::uint64_t& own = clock[stream];
    own = std::max(own, count);
  }
}

bool before(const Moment& moment, const Clock& clock) {
  const auto found = clock.find(moment.stream);
  return found != clock.end() && found->second >= moment.count;
}

Block& Memory::allocate(BlockKind kind, int device, std::size_t bytes) {
  const std::size_t page_bytes = rounded_up(std::max<std::size_t>(bytes, 1), page());
  void* const space =
      mmap(nullptr, page_bytes + 2 * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) throw std::bad_alloc();
  auto* const pages = static_cast<std::byte*>(space) + page();
  mprotect(pages, page_bytes, PROT_READ | PROT_WRITE);
  std::memset(pages, fresh, page_bytes);
  std::byte* const begin = pages + page_bytes - rounded_up(std::max<std::size_t>(bytes, 1), alignment);
  if (kind == BlockKind::device) mprotect(pages, page_bytes, PROT_NONE);
  const Block block{++allocated_, kind, device, begin, bytes, pages, page_bytes, {}};
  Block& kept = blocks_.emplace(begin, block).first->second;
  if (held_open_ > 0) open_block(begin);
  return kept;
}

bool Memory::release(std::byte* begin) {
  const auto found = blocks_.find(begin);
  Block& block = found->second;
  mprotect(block.pages, block.page_bytes, PROT_READ);
  const bool intact = edges_intact(block);
  // The addresses stay taken, without memory, and merge with those around them into one mapping.
  mmap(block.pages, block.page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  std::erase(open_, &block);
  block.uses.clear();
  freed_.insert(blocks_.extract(found));
  return intact;
}

Block* Memory::find(const void* address) {
  const auto* const at = static_cast<const std::byte*>(address);
  auto next = blocks_.upper_bound(const_cast<std::byte*>(at));
  if (next == blocks_.begin()) return nullptr;
  Block& block = std::prev(next)->second;
  return at < block.begin + std::max<std::size_t>(block.bytes, 1) ? &block : nullptr;
}

Block* Memory::begins(const void* address) {
  const auto found = blocks_.find(const_cast<std::byte*>(static_cast<const std::byte*>(address)));
  return found == blocks_.end() ? nullptr : &found->second;
}

std::size_t Memory::used_bytes(int device, bool with_freeing) const {
  std::size_t bytes = 0;
  for (const auto& [begin, block] : blocks_)
    if (block.kind == BlockKind::device && block.device == device && (with_freeing || !block.freeing))
      bytes += rounded_up(block.bytes, alignment);
  return bytes;
}

bool Memory::open_block(const void* address) {
  Block* const block = find(address);
  if (block == nullptr || block->kind != BlockKind::device) return false;
  if (!block->open) {
    mprotect(block->pages, block->page_bytes, PROT_READ | PROT_WRITE);
    block->open = true;
    open_.push_back(block);
  }
  return true;
}

void Memory::close() {
  if (held_open_ > 0) return;
  for (Block* const block : open_) {
    mprotect(block->pages, block->page_bytes, PROT_NONE);
    block->open = false;
  }
  open_.clear();
}

void Memory::hold_open(int change) {
  held_open_ += change;
  if (held_open_ == 0) return close();
  for (const auto& [begin, block] : blocks_) open_block(begin);
}

void Memory::begin_trace() {
  close();
  tracing_ = held_open_ == 0;
}

bool Memory::open_touched(const void* address, bool writes) {
  if (!tracing_) return open_block(address);
  const Block* const block = find(address);
  return block != nullptr && block->kind == BlockKind::device && open_page(address, *block, writes);
}

bool Memory::open_page(const void* address, const Block& block, bool writes) {
  const auto behind = static_cast<std::size_t>(static_cast<const std::byte*>(address) - block.pages) % page();
  auto* const start = const_cast<std::byte*>(static_cast<const std::byte*>(address)) - behind;
  const auto [entry, is_new] = touched_.try_emplace(start, Touch{&block});
  if (is_new && writes) entry->second.read = false;
  const bool written = writes || !is_new;  // what can be read already fails when it is written
  const int access = written ? PROT_READ | PROT_WRITE : PROT_READ;
  if (mprotect(start, page(), access) != 0) return false;
  if (written) entry->second.before.assign(start, start + page());
  return true;
}

Trace Memory::end_trace() {
  tracing_ = false;
  Trace trace;
  for (const auto& [start, touch] : touched_) {
    std::byte* const begin = std::max(start, touch.block->begin);
    std::byte* const end = std::min(start + page(), touch.block->begin + touch.block->bytes);
    const auto bytes = static_cast<std::size_t>(end - begin);
    trace.read_bytes += touch.read ? bytes : 0;
    if (touch.before.empty()) {
      trace.ranges.push_back({begin, bytes, false});
    } else {
      trace.written_bytes += bytes;
      // From the first to the last byte that is another: pieces of one array are written by several streams.
      const std::byte* const was = touch.before.data() + (begin - start);
      const std::byte* const first = std::mismatch(begin, end, was).first;
      const std::byte* last = end;
      while (last > first && last[-1] == was[last - 1 - begin]) --last;
      if (first < last) trace.ranges.push_back({first, static_cast<std::size_t>(last - first), true});
    }
    mprotect(start, page(), PROT_NONE);
  }
  touched_.clear();
  return trace;
}

std::string Memory::describe(const void* address) const {
  const auto* const at = static_cast<const std::byte*>(address);
  for (const auto* const all : {&blocks_, &freed_})
    for (const auto& [begin, block] : *all) {
      if (at < block.pages - page() || at >= block.pages + block.page_bytes + page()) continue;
      const std::string where = at >= begin && at < begin + block.bytes ? "byte " + std::to_string(at - begin) + " of "
                                : at < begin                            ? std::to_string(begin - at) + " bytes before "
                                             : std::to_string(at - begin - block.bytes) + " bytes beyond the end of ";
      return where + (all == &freed_ ? "freed " : "") + name_of(block);
    }
  return "";
}

void Memory::forget_uses(const Clock& known) {
  for (auto& [begin, block] : blocks_)
    std::erase_if(block.uses, [&](const Use& use) { return before(use.moment, known); });
}

}  // namespace tessera::fake
