#include <ucontext.h>
#include <unistd.h>

#include <csignal>

#include "runtime.hpp"

namespace tessera::fake {

namespace {

struct sigaction& previous() {
  static struct sigaction action {};
  return action;
}

/// Whether the access that failed was a write. Where the processor does not say, it counts as a read, and a write fails
/// once more.
bool is_write([[maybe_unused]] const void* context) {
#ifdef __x86_64__
  constexpr greg_t write_bit = 2;  // of the page fault's error code
  return (static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_ERR] & write_bit) != 0;
#else
  return false;
#endif
}

/// Opens memory to work. Else says what was touched by whom, then lets the access fail again under
/// whatever handled it before. The program is at its end, so that the report takes no lock.
void report(int, siginfo_t* info, void* context) {
  const bool writes = is_write(context);
  if (thread_state().inside == Inside::work && Runtime::get().memory.open_touched(info->si_addr, writes)) return;
  sigaction(SIGSEGV, &previous(), nullptr);
  const std::string where = Runtime::get().memory.describe(info->si_addr);
  if (where.empty()) return;
  const ThreadState& thread = thread_state();
  const std::string who = thread.inside == Inside::program ? std::string("the host")
                                                           : thread.doing + (" on " + Runtime::name_of(thread.stream));
  const std::string line = "fake CUDA: crash: " + who + " touches " + where + "\n";
  static_cast<void>(!write(STDERR_FILENO, line.data(), line.size()));
}

}  // namespace

void install_crash_report() {
  struct sigaction action {};
  action.sa_sigaction = &report;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  struct sigaction old {};
  sigaction(SIGSEGV, &action, &old);
  if (old.sa_sigaction != &report) previous() = old;
}

}  // namespace tessera::fake
