#pragma once

#include "src/base/memory_need.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// Whether there is memory for what the ranks will hold.
enum class Room { enough, little, none };

/// What `check_memory` would find: little where it would warn, none where it would throw (collective).
Room room_for(const Comm& comm, const MemoryNeed& need);

/// Compares what this rank will hold with what its process may, and what the ranks of its node will hold together with
/// what the node has (collective). Throws InputError that names the largest part and what made it so; warns where
/// little would be left.
void check_memory(const Comm& comm, Progress& progress, const MemoryNeed& need);

/// The same of what this rank will hold on its GPU, which has `room_bytes` for it (collective).
void check_gpu_memory(const Comm& comm, const MemoryNeed& need, double room_bytes);

}  // namespace tessera
