#pragma once

#include <string>

#include "src/parallel/comm.hpp"

namespace tessera {

/// From now on SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 only set a flag; a second SIGINT ends the program at once,
/// and a SIGHUP that was ignored before stays so (nohup). SIGPIPE is ignored: a reader of the output that has gone ends
/// no run.
void watch_signals();

/// The first signal that arrived since, or 0. Ranks may differ: reduce it before acting on it.
int pending_signal();

/// That of all ranks, the same on each (collective).
int agreed_signal(const Comm& comm);

/// "TERM".
std::string signal_name(int signal);

/// 128 + signal, the exit code of a run that a signal stopped.
constexpr int signal_exit_code(int signal) { return 128 + signal; }
/// Whether an exit code is one of those.
constexpr bool says_stopped(int exit_code) { return exit_code > 128; }

/// Throws "stopped by signal TERM `when`" when one has arrived on this rank.
void throw_if_stopped(const std::string& when);
/// Throws on all ranks "stopped by signal TERM `when`" when one has arrived on any (collective).
void refuse_if_stopped(const Comm& comm, const std::string& when);

}  // namespace tessera
