#include "src/workflow/reconstruct/kernel_profile.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace tessera {

namespace {

/// One kernel a line: name, seconds, calls, bytes read and written.
std::string as_text(const KernelTable& table) {
  std::string text;
  for (const auto& [name, kernel] : table)
    text += fmt::format("{} {:.17g} {} {:.17g} {:.17g}\n", name, kernel.seconds, kernel.calls, kernel.moved.read,
                        kernel.moved.written);
  return text;
}

KernelTable sum_of(const std::vector<std::string>& texts) {
  KernelTable sum;
  for (const std::string& text : texts) {
    std::istringstream lines(text);
    std::string name;
    KernelSums kernel;
    while (lines >> name >> kernel.seconds >> kernel.calls >> kernel.moved.read >> kernel.moved.written)
      sum[name] += kernel;
  }
  return sum;
}

double seconds_of(const KernelTable& table) {
  double seconds = 0;
  for (const auto& [name, kernel] : table) seconds += kernel.seconds;
  return seconds;
}

void add_lines(std::vector<std::string>& lines, const KernelTable& table) {
  std::vector<std::pair<std::string, KernelSums>> rows(table.begin(), table.end());
  std::ranges::sort(rows, [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
  const double all_s = seconds_of(table);
  for (const auto& [name, kernel] : rows) {
    const double gigabytes = (kernel.moved.read + kernel.moved.written) * 1e-9;
    lines.push_back(fmt::format("  {:<24} {:>10.3f} s {:>5.1f} % {:>10} calls {:>9.2f} GB {:>8.2f} GB/s", name,
                                kernel.seconds, all_s > 0 ? 100 * kernel.seconds / all_s : 0.0, kernel.calls, gigabytes,
                                kernel.seconds > 0 ? gigabytes / kernel.seconds : 0.0));
  }
}

}  // namespace

KernelProfile gather_profile(const Comm& comm, const Meter& meter) {
  KernelProfile profile{.sweeps = comm.sum(meter.sweeps()),
                        .sweep_seconds = comm.sum(meter.sweep_seconds()),
                        .in_sweeps = sum_of(comm.texts_to_root(as_text(meter.in_sweeps()))),
                        .beside = sum_of(comm.texts_to_root(as_text(meter.beside_sweeps())))};
  return profile;
}

std::vector<std::string> profile_lines(const KernelProfile& profile, int ranks) {
  std::vector<std::string> lines{fmt::format("kernels of {} sweeps on {} rank{}: {:.3f} s of {:.3f} s", profile.sweeps,
                                             ranks, ranks == 1 ? "" : "s", seconds_of(profile.in_sweeps),
                                             profile.sweep_seconds)};
  add_lines(lines, profile.in_sweeps);
  lines.push_back(fmt::format("kernels beside sweeps: {:.3f} s", seconds_of(profile.beside)));
  add_lines(lines, profile.beside);
  return lines;
}

}  // namespace tessera
