#pragma once

#include <chrono>
#include <fstream>
#include <string>

#include "src/parallel/comm.hpp"

namespace tessera {

/// Tells the user how far a run is; only rank 0 speaks. On a terminal the iterations are one bar that overwrites
/// itself, elsewhere whole lines. Everything but the bar also goes to the log file. NO_COLOR and --quiet are obeyed; a
/// quiet run still writes its log.
class Progress {
 public:
  /// `log_file` empty: none. A log that cannot be opened is an error.
  Progress(const Comm& comm, const std::string& log_file, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One line about an event.
  void line(const std::string& text);
  /// One line that asks for attention, in yellow on a terminal; not silenced by --quiet.
  void warn(const std::string& text);
  /// After iteration `iteration` of at most `iterations`, with the loss reached.
  void iteration(int iteration, int iterations, double loss);

 private:
  void log(const std::string& text);
  void clear_bar();

  bool speaks_;
  bool quiet_;
  bool terminal_;
  bool colour_;
  bool bar_shown_ = false;
  std::chrono::steady_clock::time_point start_;
  bool timing_ = false;
  int first_iteration_ = 0;
  std::ofstream log_;
};

/// "[#####.....]", `width` characters between the brackets.
std::string progress_bar(double fraction, int width);

/// Seconds as "8 s", "3 min 20 s" or "2 h 05 min".
std::string duration_text(double seconds);

}  // namespace tessera
