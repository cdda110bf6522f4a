#include "src/base/process.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "src/base/clock.hpp"

namespace tessera {

namespace {

/// What the kernel tells of a process; empty where it does not.
struct KernelRecord {
  std::string state;
  std::string start_ticks;
};

/// From /proc/PID/stat: "PID (NAME) STATE ...", the start in field 22; NAME may hold anything.
KernelRecord kernel_record(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  constexpr int state_field = 3, start_field = 22;
  std::istringstream fields(text.substr(name_end + 1));
  KernelRecord record;
  std::string field;
  for (int i = state_field; i <= start_field && fields >> field; ++i) {
    if (i == state_field) record.state = field;
    if (i == start_field) record.start_ticks = field;
  }
  return record;
}

std::string own_pid_namespace() {
  std::error_code unreadable;
  return std::filesystem::read_symlink("/proc/self/ns/pid", unreadable).string();
}

}  // namespace

std::string host_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return host.data();
}

ProcessIdentity this_process() {
  return {.host = host_name(),
          .pid = getpid(),
          .pid_namespace = own_pid_namespace(),
          .start_ticks = kernel_record(getpid()).start_ticks,
          .since = utc_now()};
}

Fate fate_of(const ProcessIdentity& process) {
  if (process.host != host_name() || process.pid_namespace != own_pid_namespace()) return Fate::elsewhere;
  if (process.pid <= 0 || (kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == ESRCH)) return Fate::dead;
  const KernelRecord record = kernel_record(process.pid);
  if (record.state == "Z" || record.state == "X") return Fate::dead;
  const bool known = !record.start_ticks.empty() && !process.start_ticks.empty();
  const bool another = known && record.start_ticks != process.start_ticks;
  return another ? Fate::dead : Fate::alive;
}

}  // namespace tessera
