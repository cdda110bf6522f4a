#include "src/workflow/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace tessera {

Progress::Progress(const Comm& comm, const std::string& log_file, bool quiet)
    : speaks_(comm.is_root()), quiet_(quiet), terminal_(isatty(STDOUT_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
  if (!speaks_ || log_file.empty()) return;
  log_.open(log_file, std::ios::app);
  if (!log_) throw SystemError(ExitCode::cannot_create, fmt::format("the log {} cannot be opened", log_file));
}

Progress::~Progress() {
  if (bar_shown_) std::fputs("\n", stdout);
}

void Progress::log(const std::string& text) {
  if (log_.is_open()) log_ << text << std::endl;
}

void Progress::clear_bar() {
  if (bar_shown_) std::fputs("\r\033[K", stdout);
  bar_shown_ = false;
}

void Progress::line(const std::string& text) {
  if (!speaks_) return;
  log(text);
  if (quiet_) return;
  clear_bar();
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

void Progress::warn(const std::string& text) {
  if (!speaks_) return;
  log("WARNING: " + text);
  clear_bar();
  std::fflush(stdout);
  std::fprintf(stderr, "%sWARNING:%s %s\n", colour_ ? "\033[33m" : "", colour_ ? "\033[0m" : "", text.c_str());
}

void Progress::iteration(int iteration, int iterations, double loss) {
  if (!speaks_) return;
  const auto now = std::chrono::steady_clock::now();
  if (!timing_) {
    timing_ = true;
    start_ = now;
    first_iteration_ = iteration;
  }
  std::string left;
  if (iteration > first_iteration_) {
    const double seconds = std::chrono::duration<double>(now - start_).count();
    left = ", " + duration_text(seconds / (iteration - first_iteration_) * (iterations - iteration)) + " left";
  }
  const std::string text = fmt::format("iteration {:>{}} of {}, loss {:.6e}{}", iteration,
                                       std::to_string(iterations).size(), iterations, loss, left);
  log(text);
  if (quiet_) return;
  if (terminal_) {
    const double fraction = iterations > 0 ? static_cast<double>(iteration) / iterations : 1;
    std::printf("\r%s %s\033[K", progress_bar(fraction, 24).c_str(), text.c_str());
    bar_shown_ = true;
  } else {
    std::printf("%s\n", text.c_str());
  }
  std::fflush(stdout);
}

std::string progress_bar(double fraction, int width) {
  const int filled = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(width - filled), '.') + "]";
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace tessera
