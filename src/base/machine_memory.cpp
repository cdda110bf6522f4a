#include "src/base/machine_memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

namespace tessera {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A limit as the kernel writes it: a number, or "max"; version 1 writes almost 2^63 for none.
double limit_in(const std::string& file) {
  std::ifstream in(file);
  double bytes = 0;
  return in >> bytes && bytes < 0x1p60 ? bytes : unknown;
}

/// The smallest limit of a group and those above it.
double smallest_limit(const std::string& root, std::string group, const std::string& name) {
  double smallest = limit_in(root + "/" + name);
  while (!group.empty() && group != "/") {
    smallest = std::min(smallest, limit_in(fmt::format("{}{}/{}", root, group, name)));
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
  return smallest;
}

}  // namespace

double cgroup_limit_bytes(const std::string& groups, const std::string& mount) {
  double smallest = unknown;
  std::istringstream lines(groups);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") smallest = std::min(smallest, smallest_limit(mount, group, "memory.max"));
    if (controllers.find(",memory,") != std::string::npos)
      smallest = std::min(smallest, smallest_limit(mount + "/memory", group, "memory.limit_in_bytes"));
  }
  return smallest;
}

double meminfo_bytes(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (double kilobytes = 0;
        line.starts_with(name + ":") && std::istringstream(line.substr(name.size() + 1)) >> kilobytes)
      return kilobytes * 1024;
  return unknown;
}

MachineMemory machine_memory() {
  const std::string info = text_of("/proc/meminfo");
  MachineMemory memory{.node_bytes = std::min(meminfo_bytes(info, "MemTotal"),
                                              cgroup_limit_bytes(text_of("/proc/self/cgroup"), "/sys/fs/cgroup")),
                       .available_bytes = meminfo_bytes(info, "MemAvailable"),
                       .process_bytes = unknown};
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    double pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    memory.process_bytes =
        std::max(0.0, static_cast<double>(limit.rlim_cur) - pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  return memory;
}

}  // namespace tessera
