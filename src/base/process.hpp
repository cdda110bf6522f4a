#pragma once

#include <string>

namespace tessera {

/// What tells one process from all others, on any machine and at any time.
struct ProcessIdentity {
  std::string host;
  long pid = 0;
  std::string pid_namespace;  ///< processes of two containers may have the same number
  std::string start_ticks;    ///< since the machine started: numbers of processes come again
  std::string since;          ///< when it was asked, ISO 8601, UTC
};

/// Of this machine.
std::string host_name();

ProcessIdentity this_process();

enum class Fate {
  alive,
  dead,
  elsewhere  ///< on another machine or in another container: not to be seen from here
};

/// Whether the process still runs. One that has ended and was not yet waited for is dead.
Fate fate_of(const ProcessIdentity& process);

}  // namespace tessera
