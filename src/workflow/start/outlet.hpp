#pragma once

#include <string>
#include <string_view>

namespace tessera {

/// How long an outlet may be waited for.
enum class Urgency {
  progress,  ///< a moment; not at all while it takes nothing
  notice     ///< a second: errors and warnings
};

/// Standard output or error as a run uses it: a reader that has stalled, a terminal that was stopped or a reader that
/// has gone never holds the run up. What cannot be written in time is left out, line by line, and when the outlet takes
/// something again, it first tells how many lines those were. Flags of the open file, which other processes share, stay
/// as they are.
class Outlet {
 public:
  explicit Outlet(int descriptor);
  ~Outlet();
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  /// Writes a text, whole lines or what overwrites itself; whether it was taken.
  bool write(std::string_view text, Urgency urgency);

 private:
  enum class Kind { plain, pipe, socket };
  /// Bytes that the descriptor took, which may be 0 where its reader is slow; -1: the reader is gone.
  long offer(std::string_view text) const;
  /// Bytes taken within the time.
  std::size_t send(std::string_view text, double patience_s) const;

  int descriptor_;
  Kind kind_ = Kind::plain;
  bool own_ = false;  ///< opened anew, so that it need not block
  bool stalled_ = false;
  bool broken_line_ = false;
  long left_out_ = 0;
};

/// Writes a text that is what the user asked for to standard output, however long its reader takes; what cannot be
/// written is an error (cannot_write).
void print_whole(const std::string& text);

}  // namespace tessera
