#include "src/workflow/start/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace tessera {
namespace {

volatile std::sig_atomic_t arrived = 0;

extern "C" void note_signal(int signal) {
  if (arrived == 0) arrived = signal;
  if (signal == SIGINT) std::signal(SIGINT, SIG_DFL);
}

}  // namespace

void watch_signals() {
  arrived = 0;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) sigaction(signal, &action, nullptr);
}

int pending_signal() { return arrived; }

}  // namespace tessera
