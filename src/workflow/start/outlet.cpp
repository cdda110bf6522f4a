#include "src/workflow/start/outlet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstring>

#include "src/base/clock.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

constexpr double progress_patience_s = 0.1;
constexpr double notice_patience_s = 1;

/// Waits until the descriptor can take something, or has failed.
bool wait_for(int descriptor, double seconds) {
  pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(std::ceil(1e3 * std::max(seconds, 0.0))));
  return ready > 0 || (ready < 0 && errno != EINTR);
}

}  // namespace

/// A pipe or a terminal that is opened anew can be written to without blocking: O_NONBLOCK on the descriptor that was
/// inherited would change it for every process that shares it.
Outlet::Outlet(int descriptor) : descriptor_(descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return;
  if (S_ISSOCK(status.st_mode)) kind_ = Kind::socket;
  if (!S_ISFIFO(status.st_mode) && isatty(descriptor) != 1) return;
  kind_ = Kind::pipe;
  const std::string again = fmt::format("/proc/self/fd/{}", descriptor);
  const int opened = open(again.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  own_ = opened >= 0;
  if (own_) descriptor_ = opened;
}

Outlet::~Outlet() {
  if (own_) close(descriptor_);
}

long Outlet::offer(std::string_view text) const {
  // So much a pipe takes whole or not at all, and at once where it has any room.
  if (kind_ == Kind::pipe) text = text.substr(0, PIPE_BUF);
  // A terminal that could not be opened anew may have room for less: one byte fits where there is any.
  if (kind_ == Kind::pipe && !own_) {
    if (!wait_for(descriptor_, 0)) return 0;
    if (isatty(descriptor_) == 1) text = text.substr(0, 1);
  }
  const ssize_t taken = kind_ == Kind::socket
                            ? ::send(descriptor_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                            : ::write(descriptor_, text.data(), text.size());
  if (taken >= 0) return taken;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
}

std::size_t Outlet::send(std::string_view text, double patience_s) const {
  const double until_s = now_s() + patience_s;
  std::size_t sent = 0;
  while (sent < text.size()) {
    const long taken = offer(text.substr(sent));
    if (taken < 0) break;
    sent += static_cast<std::size_t>(taken);
    if (taken > 0) continue;
    const double left_s = until_s - now_s();
    if (left_s <= 0) break;
    wait_for(descriptor_, left_s);
  }
  return sent;
}

bool Outlet::write(std::string_view text, Urgency urgency) {
  std::string whole;
  if (broken_line_) whole += "\n";
  if (left_out_ > 0) whole += fmt::format("... {} lines are left out: they were not taken here\n", left_out_);
  whole += text;
  const double patience_s = urgency == Urgency::notice ? notice_patience_s : stalled_ ? 0 : progress_patience_s;
  const std::size_t sent = send(whole, patience_s);
  stalled_ = sent < whole.size();
  if (!stalled_) {
    broken_line_ = false;
    left_out_ = 0;
    return true;
  }
  broken_line_ = broken_line_ || sent > 0;
  left_out_ += text.ends_with('\n') ? 1 : 0;
  return false;
}

void print_whole(const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t now = ::write(STDOUT_FILENO, text.data() + written, text.size() - written);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0 && errno == EAGAIN) {
      wait_for(STDOUT_FILENO, 1);
      continue;
    }
    if (now < 0)
      throw SystemError(ExitCode::cannot_write,
                        fmt::format("standard output cannot be written: {}", std::strerror(errno)));
    written += static_cast<std::size_t>(now);
  }
}

}  // namespace tessera
