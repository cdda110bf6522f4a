#include "src/workflow/start/check_memory.hpp"

#include <algorithm>

#include "src/base/machine_memory.hpp"

namespace tessera {
namespace {

/// What a limit is compared with.
struct Compared {
  std::string who;    ///< "the 3 ranks of a node"
  double bytes = 0;   ///< that they would hold
  std::string whose;  ///< "there are"
  double limit_bytes = 0;
  int ranks = 1;
};

std::string text_of(const MemoryNeed& need, const Compared& compared) {
  const MemoryPart& part = need.largest();
  return fmt::format("{} would hold {} of memory, and {} {}: {} takes {}{}; {}", compared.who,
                     bytes_text(compared.bytes), compared.whose, bytes_text(compared.limit_bytes), part.what,
                     bytes_text(part.bytes), compared.ranks > 1 ? " on the largest" : "", part.reason);
}

}  // namespace

void check_memory(const Comm& comm, Progress& progress, const MemoryNeed& need) {
  constexpr double little_left = 0.8;
  const MachineMemory machine = machine_memory();
  const Comm::NodeSum node = comm.sum_on_node(need.bytes());
  const Compared process{"a rank", need.bytes(), "its limit (ulimit -v) leaves", machine.process_bytes, 1};
  Compared all{node.ranks == 1 ? "this run" : fmt::format("the {} ranks of a node", node.ranks), node.sum, "there are",
               machine.node_bytes, node.ranks};
  const bool beyond_process = process.bytes > process.limit_bytes, beyond_node = all.bytes > all.limit_bytes;
  // The rank that needs most tells what of.
  const double most = comm.max(beyond_process || beyond_node ? need.bytes() : -1);
  comm.agree([&] {
    if (most >= 0 && need.bytes() == most && (beyond_process || beyond_node))
      throw InputError(need.largest().code, text_of(need, beyond_process ? process : all));
  });
  all.limit_bytes = std::min(all.limit_bytes, machine.available_bytes);
  all.whose = "hardly more is there,";
  const bool tight = all.bytes > std::min(little_left * machine.node_bytes, machine.available_bytes) ||
                     process.bytes > little_left * process.limit_bytes;
  if (comm.any(tight)) progress.warn(text_of(need, all));
}

void check_gpu_memory(const Comm& comm, const MemoryNeed& need, double room_bytes) {
  comm.agree([&] {
    if (need.parts.empty() || need.bytes() <= room_bytes) return;
    throw InputError(need.largest().code,
                     text_of(need, {"a GPU", need.bytes(), "for this rank there are", room_bytes, 1}));
  });
}

}  // namespace tessera
