#include "src/arrays/device.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

#include "src/arrays/gpu.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;  // of x86-64 and most others

/// Every allocation of the debug device, and how many accesses are open. The one registry a protected heap needs.
struct DebugHeap {
  std::mutex mutex;
  std::map<void*, std::size_t> blocks;
  int open = 0;

  void protect(int flags) {
    for (const auto& [address, bytes] : blocks) mprotect(address, bytes, flags);
  }
};

DebugHeap& debug_heap() {
  static DebugHeap heap;
  return heap;
}

std::shared_ptr<void> allocate_debug(std::size_t bytes) {
  DebugHeap& heap = debug_heap();
  const std::scoped_lock lock(heap.mutex);
  const int flags = heap.open > 0 ? PROT_READ | PROT_WRITE : PROT_NONE;
  void* const address = mmap(nullptr, bytes, flags, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) throw SystemError(ExitCode::internal, fmt::format("mmap of {} bytes failed", bytes));
  heap.blocks.emplace(address, bytes);
  return {address, [](void* block) {
            DebugHeap& owner = debug_heap();
            const std::scoped_lock guard(owner.mutex);
            const auto found = owner.blocks.find(block);
            munmap(block, found->second);
            owner.blocks.erase(found);
          }};
}

/// Memory from the system, in huge pages where it has them: filling fresh small pages costs several times what copying
/// into them does. It is zeroed when it is first touched, by whoever fills it.
std::shared_ptr<void> allocate_large(std::size_t bytes) {
  const std::size_t space = bytes + huge_page_bytes;
  void* const block = mmap(nullptr, space, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw AllocationError(bytes);
  void* address = block;
  std::size_t left = space;
  std::align(huge_page_bytes, bytes, address, left);
  madvise(address, bytes, MADV_HUGEPAGE);  // a wish: without it all is as correct
  return {address, [block, space](void*) { munmap(block, space); }};
}

std::shared_ptr<void> allocate_host(std::size_t bytes) {
  if (bytes >= 2 * huge_page_bytes) return allocate_large(bytes);
  constexpr std::size_t alignment = 64;
  const std::size_t padded = (bytes + alignment - 1) / alignment * alignment;
  void* const address = std::aligned_alloc(alignment, padded);
  if (address == nullptr) throw AllocationError(bytes);
  std::memset(address, 0, padded);
  return {address, [](void* block) { std::free(block); }};
}

}  // namespace

const char* name_of(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::host:
      return "host";
    case DeviceKind::debug:
      return "debug";
    case DeviceKind::cuda:
      return "cuda";
    default:
      return "pinned";
  }
}

DeviceAccess::DeviceAccess(DeviceKind kind) : kind_(kind) {
  if (kind_ != DeviceKind::debug) return;
  DebugHeap& heap = debug_heap();
  const std::scoped_lock lock(heap.mutex);
  if (heap.open++ == 0) heap.protect(PROT_READ | PROT_WRITE);
}

DeviceAccess::~DeviceAccess() {
  if (kind_ != DeviceKind::debug) return;
  DebugHeap& heap = debug_heap();
  const std::scoped_lock lock(heap.mutex);
  if (--heap.open == 0) heap.protect(PROT_NONE);
}

void copy_bytes(DeviceKind device, void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  if (device == DeviceKind::cuda) return gpu::copy(to, from, bytes);
  const DeviceAccess access(device);
  std::memcpy(to, from, bytes);
}

void zero_bytes(DeviceKind device, void* at, std::size_t bytes) {
  if (bytes == 0) return;
  if (device == DeviceKind::cuda) return gpu::zero(at, bytes);
  const DeviceAccess access(device);
  std::memset(at, 0, bytes);
}

void finish(DeviceKind device) {
  if (device == DeviceKind::cuda) gpu::wait(nullptr);
}

DeviceBuffer::DeviceBuffer(DeviceKind kind, std::size_t bytes) {
  if (bytes == 0) return;
  switch (kind) {
    case DeviceKind::host:
      memory_ = allocate_host(bytes);
      return;
    case DeviceKind::debug:
      memory_ = allocate_debug(bytes);
      return;
    case DeviceKind::cuda:
      memory_ = gpu::allocate(bytes);
      return;
    case DeviceKind::pinned:
      memory_ = gpu::allocate_pinned(bytes);
  }
}

}  // namespace tessera
