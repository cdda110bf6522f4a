#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "src/parallel/comm.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {

/// Losses of the data where pixels are held out.
struct LossPerPixel {
  double fitted = 0;
  double held_out = 0;
};

/// What one iteration tells.
struct IterationLine {
  int iteration = 0;
  int iterations = 0;  ///< at most
  double loss = 0;
  double gradient_norm = 0;
  int gradients = 0;                        ///< computed so far
  double seconds = 0;                       ///< since the start
  std::optional<double> seconds_left = {};  ///< known once an iteration after the first is done
  std::optional<LossPerPixel> loss_per_pixel = {};
};

/// Tells the user how far a run is; only rank 0 speaks. On a terminal the iterations are one bar that overwrites
/// itself, elsewhere whole lines. Everything but the bar also goes to the log file, whether the screen takes it or not:
/// it never waits for that (Outlet). NO_COLOR and --quiet are obeyed; a quiet run still writes its log.
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
  /// Those until now, on rank 0.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// After an iteration.
  void iteration(const IterationLine& now);

 private:
  void log(const std::string& text);
  /// A text that comes in the bar's place.
  std::string over_bar(const std::string& text);

  bool speaks_;
  bool quiet_;
  bool terminal_;
  bool colour_;
  bool bar_shown_ = false;
  std::vector<std::string> warnings_;
  std::ofstream log_;
  Outlet output_;
  Outlet errors_;
};

/// Whether what is printed comes onto a terminal as it is. A launcher gives each rank a terminal of its own, whatever
/// becomes of the output then: under one, what counts is where its own output goes, that is, the parent's.
bool output_is_terminal();

/// "iteration 12 of 60, loss 1.234000e+05, norm 1.230e+01, 14 gradients, 24.5 s, 2 min 05 s left": the norm of the
/// gradient, gradients and seconds since the start; the time left where it is known. Where pixels are held out, after
/// the loss "a pixel 0.23410 fitted, 0.24105 held out".
std::string iteration_text(const IterationLine& now);

/// What such a line says, but for the time left; nothing where it is another line.
std::optional<IterationLine> parse_iteration(const std::string& line);

/// The time left, as iterations since `first` took on the average; nothing while there are none.
std::optional<double> seconds_left(const IterationLine& first, const IterationLine& now);

/// A line that wraps could not be overwritten: as much of it as the terminal is wide, where that is known.
std::string cut_to_terminal(const std::string& line);

/// "[#####.....]", `width` characters between the brackets.
std::string progress_bar(double fraction, int width);

/// Seconds as "8 s", "3 min 20 s" or "2 h 05 min".
std::string duration_text(double seconds);

}  // namespace tessera
