#pragma once

#include <string>

namespace tessera {

/// The memory that processes may use; infinite where nothing is known.
struct MachineMemory {
  double node_bytes = 0;       ///< all processes of the node together: what it has, or what its control group allows
  double available_bytes = 0;  ///< of these, what is free now
  double process_bytes = 0;    ///< this process beside what it has: its limit of address space (ulimit -v)
};

/// Reads this machine's. Cost: some small files.
MachineMemory machine_memory();

/// Parts of it, for tests. The smallest limit of the control groups, version 1 or 2, that the text of /proc/self/cgroup
/// names, below the folder `mount`; a container sees its own as the root.
double cgroup_limit_bytes(const std::string& groups, const std::string& mount);

/// The value of a line "NAME:   123 kB" of /proc/meminfo [byte].
double meminfo_bytes(const std::string& text, const std::string& name);

}  // namespace tessera
