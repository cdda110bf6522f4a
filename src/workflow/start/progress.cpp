#include "src/workflow/start/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace tessera {

Progress::Progress(const Comm& comm, const std::string& log_file, bool quiet)
    : speaks_(comm.is_root()),
      quiet_(quiet),
      terminal_(output_is_terminal()),
      output_(STDOUT_FILENO),
      errors_(STDERR_FILENO) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
  if (!speaks_ || log_file.empty()) return;
  log_.open(log_file, std::ios::app);
  if (!log_) throw SystemError(ExitCode::cannot_create, fmt::format("the log {} cannot be opened", log_file));
}

Progress::~Progress() {
  if (bar_shown_) output_.write("\n", Urgency::progress);
}

void Progress::log(const std::string& text) {
  if (!log_.is_open()) return;
  log_ << text << std::endl;
  if (log_) return;
  log_.close();
  warn("run.log cannot be written any more (is the disk full?)");
}

std::string Progress::over_bar(const std::string& text) {
  const bool shown = std::exchange(bar_shown_, false);
  return (shown ? "\r\033[K" : "") + text;
}

void Progress::line(const std::string& text) {
  if (!speaks_) return;
  log(text);
  if (!quiet_) output_.write(over_bar(text + "\n"), Urgency::progress);
}

void Progress::warn(const std::string& text) {
  if (!speaks_) return;
  warnings_.push_back(text);
  log("WARNING: " + text);
  if (bar_shown_) output_.write(over_bar(""), Urgency::progress);
  const std::string word = colour_ ? "\033[33mWARNING:\033[0m " : "WARNING: ";
  errors_.write(word + text + "\n", Urgency::notice);
}

void Progress::iteration(const IterationLine& now) {
  if (!speaks_) return;
  const std::string text = iteration_text(now);
  log(text);
  if (quiet_) return;
  if (!terminal_) {
    output_.write(text + "\n", Urgency::progress);
    return;
  }
  const double fraction = now.iterations > 0 ? static_cast<double>(now.iteration) / now.iterations : 1;
  output_.write("\r" + cut_to_terminal(progress_bar(fraction, 10) + " " + text) + "\033[K", Urgency::progress);
  bar_shown_ = true;
}

bool output_is_terminal() {
  if (isatty(STDOUT_FILENO) != 1) return false;
  constexpr std::array launched{"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
  const auto is_set = [](const char* name) { return std::getenv(name) != nullptr; };
  if (std::none_of(launched.begin(), launched.end(), is_set)) return true;
  std::error_code unreadable;
  const std::string target = std::filesystem::read_symlink(fmt::format("/proc/{}/fd/1", getppid()), unreadable);
  return target.starts_with("/dev/pts/") || target.starts_with("/dev/tty");
}

std::string cut_to_terminal(const std::string& line) {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? line.substr(0, static_cast<std::size_t>(size.ws_col) - 1) : line;
}

std::string iteration_text(const IterationLine& now) {
  std::string text = fmt::format("iteration {:>{}} of {}, loss {:.6e}", now.iteration,
                                 std::to_string(now.iterations).size(), now.iterations, now.loss);
  if (now.loss_per_pixel)
    text += fmt::format(", a pixel {:.5f} fitted, {:.5f} held out", now.loss_per_pixel->fitted,
                        now.loss_per_pixel->held_out);
  text += fmt::format(", norm {:.3e}, {} gradients, {:.1f} s", now.gradient_norm, now.gradients, now.seconds);
  if (now.seconds_left) text += ", " + duration_text(*now.seconds_left) + " left";
  return text;
}

std::optional<IterationLine> parse_iteration(const std::string& line) {
  IterationLine now;
  int read = 0;
  if (std::sscanf(line.c_str(), "iteration %d of %d, loss %lf%n", &now.iteration, &now.iterations, &now.loss, &read) <
      3)
    return std::nullopt;
  const char* rest = line.c_str() + read;
  LossPerPixel per_pixel;
  if (std::sscanf(rest, ", a pixel %lf fitted, %lf held out%n", &per_pixel.fitted, &per_pixel.held_out, &read) == 2) {
    now.loss_per_pixel = per_pixel;
    rest += read;
  }
  if (std::sscanf(rest, ", norm %lf, %d gradients, %lf s", &now.gradient_norm, &now.gradients, &now.seconds) < 3)
    return std::nullopt;
  return now;
}

std::optional<double> seconds_left(const IterationLine& first, const IterationLine& now) {
  if (now.iteration <= first.iteration) return std::nullopt;
  const double each_s = (now.seconds - first.seconds) / (now.iteration - first.iteration);
  return each_s * std::max(0, now.iterations - now.iteration);
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
