#include "src/workflow/start/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <initializer_list>

#include "src/base/error.hpp"

namespace tessera {
namespace {

std::atomic<int> arrived = 0;
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int signal) {
  int none = 0;
  arrived.compare_exchange_strong(none, signal);
  if (signal == SIGINT) std::signal(SIGINT, SIG_DFL);
}

bool is_ignored(int signal) {
  struct sigaction now = {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

Error stopped_by(int signal, const std::string& when, bool agreed) {
  return {static_cast<ExitCode>(signal_exit_code(signal)),
          fmt::format("stopped by signal {} {}", signal_name(signal), when), agreed};
}

}  // namespace

void watch_signals() {
  arrived = 0;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) sigaction(signal, &action, nullptr);
  if (!is_ignored(SIGHUP)) sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int pending_signal() { return arrived; }

int agreed_signal(const Comm& comm) { return static_cast<int>(comm.max(Index{pending_signal()})); }

std::string signal_name(int signal) {
  switch (signal) {
    case SIGINT:
      return "INT";
    case SIGTERM:
      return "TERM";
    case SIGHUP:
      return "HUP";
    case SIGUSR1:
      return "USR1";
    case SIGUSR2:
      return "USR2";
    default:
      return std::to_string(signal);
  }
}

void throw_if_stopped(const std::string& when) {
  if (pending_signal() != 0) throw stopped_by(pending_signal(), when, false);
}

void refuse_if_stopped(const Comm& comm, const std::string& when) {
  const int signal = agreed_signal(comm);
  if (signal != 0) throw stopped_by(signal, when, true);
}

}  // namespace tessera
