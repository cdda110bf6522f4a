#pragma once

namespace tessera {

/// From now on SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 only set a flag. A second SIGINT ends the program at once.
void watch_signals();

/// The first signal that arrived since, or 0. Ranks may differ: reduce it before acting on it.
int pending_signal();

/// 128 + signal, the exit code of a run that a signal stopped.
constexpr int signal_exit_code(int signal) { return 128 + signal; }

}  // namespace tessera
