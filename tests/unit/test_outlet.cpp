#include <fcntl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <string>

#include "src/base/clock.hpp"
#include "src/workflow/start/outlet.hpp"

using namespace tessera;

namespace {

/// Two ends; what is written to `in` is read from `out`.
struct Ends {
  int out = -1, in = -1;
  ~Ends() {
    close_out();
    if (in >= 0) close(in);
  }
  void close_out() {
    if (out >= 0) close(out);
    out = -1;
  }
  /// What there is now.
  std::string read_all() const {
    fcntl(out, F_SETFL, O_NONBLOCK);
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = read(out, part.data(), part.size())) > 0;)
      text.append(part.data(), static_cast<std::size_t>(n));
    return text;
  }
};

Ends make_pipe() {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(pipe(ends.data()) == 0);
  return {ends[0], ends[1]};
}

Ends make_socket() {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  return {ends[0], ends[1]};
}

Ends make_terminal() {
  Ends ends;
  ends.out = posix_openpt(O_RDWR | O_NOCTTY);
  BOOST_REQUIRE((grantpt(ends.out) == 0 && unlockpt(ends.out) == 0));
  ends.in = open(ptsname(ends.out), O_RDWR | O_NOCTTY);
  BOOST_REQUIRE(ends.in >= 0);
  return ends;
}

/// Lines until one is refused, the last attempt of which took `seconds`; returns how many were taken.
int fill(Outlet& outlet, double& seconds) {
  int taken = 0;
  for (;; ++taken) {
    const double begin_s = now_s();
    if (!outlet.write("line " + std::to_string(taken) + std::string(80, '.') + "\n", Urgency::progress)) {
      seconds = now_s() - begin_s;
      return taken;
    }
    BOOST_REQUIRE(taken < 100000);
  }
}

void check_stalled(const Ends& ends) {
  const int flags = fcntl(ends.in, F_GETFL);
  Outlet outlet(ends.in);
  double seconds = 0;
  const int taken = fill(outlet, seconds);
  BOOST_TEST(taken > 10);
  BOOST_TEST(seconds < 0.5);
  const double begin_s = now_s();
  for (int i = 0; i < 1000; ++i) BOOST_TEST(!outlet.write("more\n", Urgency::progress));
  BOOST_TEST(now_s() - begin_s < 0.5);
  const double notice_s = now_s();
  BOOST_TEST(!outlet.write("a warning\n", Urgency::notice));
  BOOST_TEST(now_s() - notice_s > 0.8);
  BOOST_TEST(now_s() - notice_s < 3.0);
  BOOST_TEST(fcntl(ends.in, F_GETFL) == flags);
  const std::string before = ends.read_all();
  BOOST_TEST(before.find("line " + std::to_string(taken - 1) + ".") != std::string::npos);
  BOOST_TEST(outlet.write("again\n", Urgency::progress));
  const std::string after = ends.read_all();
  BOOST_TEST(after.find("... 1002 lines are left out: they were not taken here") != std::string::npos);
  BOOST_TEST(after.find("again") != std::string::npos);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_pipe_that_nobody_reads_holds_nobody_up) { check_stalled(make_pipe()); }
BOOST_AUTO_TEST_CASE(a_socket_that_nobody_reads_holds_nobody_up) { check_stalled(make_socket()); }
BOOST_AUTO_TEST_CASE(a_terminal_that_nobody_reads_holds_nobody_up) { check_stalled(make_terminal()); }

BOOST_AUTO_TEST_CASE(a_stopped_terminal_holds_nobody_up) {
  const Ends ends = make_terminal();
  Outlet outlet(ends.in);
  BOOST_TEST(outlet.write("before\n", Urgency::progress));
  tcflow(ends.in, TCOOFF);
  BOOST_TEST(!outlet.write("while stopped\n", Urgency::progress));
  tcflow(ends.in, TCOON);
  BOOST_TEST(outlet.write("after\n", Urgency::progress));
}

BOOST_AUTO_TEST_CASE(a_reader_that_has_gone_is_no_error) {
  std::signal(SIGPIPE, SIG_IGN);
  Ends ends = make_pipe();
  Outlet outlet(ends.in);
  ends.close_out();
  const double begin_s = now_s();
  BOOST_TEST(!outlet.write("nobody reads this\n", Urgency::notice));
  BOOST_TEST(now_s() - begin_s < 0.5);
}
