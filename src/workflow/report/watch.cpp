#include "src/workflow/report/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "io/text_file.hpp"
#include "src/base/error.hpp"
#include "src/base/words.hpp"
#include "src/workflow/report/page.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {

namespace {

/// What must change before a line is printed that overwrites none: the run has gone on.
std::string moment_of(const RunFiles& files) {
  return fmt::format("{} {}", state_name(files.state),
                     files.iterations.empty() ? -1 : files.iterations.back().iteration);
}

/// The last one does not ask to be loaded anew.
void write_page(const CommandLine& line) {
  const RunFiles files = read_run_files(line.result);
  const int refresh_s = std::max(2, static_cast<int>(line.every_s));
  write_text_atomically(line.html,
                        report_page(files, has_ended(files.state) ? std::nullopt : std::optional(refresh_s)));
}

/// The line on a terminal overwrites itself.
void print_state(const RunFiles& files, bool terminal, bool changed) {
  const std::string text = shown(watch_text(files), 1000);
  if (terminal)
    print_whole("\r" + cut_to_terminal(text) + "\033[K" + (has_ended(files.state) ? "\n" : ""));
  else if (changed)
    print_whole(text + "\n");
}

int exit_code_of(const RunFiles& files) {
  if (files.state == RunState::dead) return static_cast<int>(ExitCode::unclassified);
  const double code = number_at(files.status, {"exit_code"}).value_or(1);
  return code >= 0 && code < 256 ? static_cast<int>(code) : static_cast<int>(ExitCode::unclassified);
}

}  // namespace

std::string watch_text(const RunFiles& files) {
  const std::string state = state_name(files.state) + ": ";
  if (files.state == RunState::dead)
    return state + "its process is gone, or gave no sign of life since " + text_at(files.status, {"heartbeat"});
  if (has_ended(files.state)) return state + text_at(files.status, {"stop_reason"});
  std::string text = state + "reading data and preparing the solve";
  if (!files.iterations.empty()) {
    IterationLine now = files.iterations.back();
    now.seconds_left = seconds_left(files.iterations.front(), now);
    text = state + iteration_text(now);
  }
  return text + fmt::format("; alive {:.0f} s ago", std::max(0.0, files.heartbeat_age_s));
}

int run_watch(const CommandLine& line) {
  if (!line.html.empty() && !line.html.ends_with(".html"))
    throw InputError(ExitCode::usage, fmt::format("--html {}: the page is overwritten again and again; give it a name "
                                                  "that ends in .html",
                                                  shown(line.html)));
  const bool terminal = output_is_terminal();
  std::string before, page_before;
  for (;;) {
    const RunFiles files = read_run_state(line.result);
    const std::string moment = moment_of(files);
    print_state(files, terminal, moment != before);
    const std::string page = moment + text_at(files.status, {"heartbeat"});
    if (!line.html.empty() && page != page_before) write_page(line);
    if (has_ended(files.state)) return exit_code_of(files);
    before = moment;
    page_before = page;
    std::this_thread::sleep_for(std::chrono::duration<double>(line.every_s));
  }
}

}  // namespace tessera
