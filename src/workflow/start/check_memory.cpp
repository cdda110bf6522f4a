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

/// A rank's memory and its node's beside their limits.
struct Comparison {
  Compared process, node;
  double available_bytes = 0;
  bool beyond_process() const { return process.bytes > process.limit_bytes; }
  bool beyond_node() const { return node.bytes > node.limit_bytes; }
  static constexpr double little_left = 0.8;
  bool process_tight() const { return process.bytes > little_left * process.limit_bytes; }
  bool tight() const {
    return process_tight() || node.bytes > std::min(little_left * node.limit_bytes, available_bytes);
  }
};

Comparison compare(const Comm& comm, const MemoryNeed& need) {
  const MachineMemory machine = machine_memory();
  const Comm::NodeSum node = comm.sum_on_node(need.bytes());
  return {.process = {"a rank", need.bytes(), "its limit (ulimit -v) leaves", machine.process_bytes, 1},
          .node = {node.ranks == 1 ? "this run" : fmt::format("the {} ranks of a node", node.ranks), node.sum,
                   "there are", machine.node_bytes, node.ranks},
          .available_bytes = machine.available_bytes};
}

}  // namespace

Room room_for(const Comm& comm, const MemoryNeed& need) {
  const Comparison found = compare(comm, need);
  if (comm.any(found.beyond_process() || found.beyond_node())) return Room::none;
  return comm.any(found.tight()) ? Room::little : Room::enough;
}

void check_memory(const Comm& comm, Progress& progress, const MemoryNeed& need) {
  const Comparison found = compare(comm, need);
  const bool beyond_process = found.beyond_process(), beyond_node = found.beyond_node();
  // The rank that needs most tells what of.
  const double most = comm.max(beyond_process || beyond_node ? need.bytes() : -1);
  comm.agree([&] {
    if (most >= 0 && need.bytes() == most && (beyond_process || beyond_node))
      throw InputError(need.largest().code, text_of(need, beyond_process ? found.process : found.node));
  });
  if (!comm.any(found.tight())) return;
  Compared little = found.process_tight() ? found.process : found.node;
  little.whose = "hardly more is there,";
  if (!found.process_tight()) little.limit_bytes = std::min(little.limit_bytes, found.available_bytes);
  progress.warn(text_of(need, little));
}

void check_gpu_memory(const Comm& comm, const MemoryNeed& need, double room_bytes) {
  comm.agree([&] {
    if (need.parts.empty() || need.bytes() <= room_bytes) return;
    throw InputError(need.largest().code,
                     text_of(need, {"a GPU", need.bytes(), "for this rank there are", room_bytes, 1}));
  });
}

}  // namespace tessera
