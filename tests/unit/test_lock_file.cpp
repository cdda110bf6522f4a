#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "io/lock_file.hpp"
#include "src/base/error.hpp"
#include "src/base/process.hpp"

using namespace tessera;

namespace {

/// A folder of its own with the place of a lock.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("tessera_lock_" + std::to_string(getpid()));
  std::string lock = path / "run.lock";
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  long entries() const {
    return std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator());
  }
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string lock_text(const ProcessIdentity& process) {
  return "host " + process.host + "\npid " + std::to_string(process.pid) + "\npid_namespace " + process.pid_namespace +
         "\nstart_ticks " + process.start_ticks + "\nsince then\n";
}

/// That of a process that was killed: it has ended without destructors.
pid_t leave_dead_lock(const std::string& lock) {
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream(lock) << lock_text(this_process()) << std::flush;
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  return child;
}

std::string refusal(const std::string& lock) {
  try {
    const LockFile file(lock, "the output");
  } catch (const Error& error) {
    BOOST_TEST((error.code() == ExitCode::cannot_create));
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_living_holder_is_named_and_its_lock_goes_with_it) {
  const Folder folder;
  {
    const LockFile mine(folder.lock, "the output");
    BOOST_TEST(mine.held());
    BOOST_TEST(!mine.taken_from());
    BOOST_TEST(folder.entries() == 1);
    const std::string said = refusal(folder.lock);
    BOOST_TEST(said.find("the output is being written by another run (process " + std::to_string(getpid()) + " on " +
                         this_process().host) != std::string::npos);
    BOOST_CHECK_THROW(refuse_held_lock(folder.lock, "the output"), InputError);
    BOOST_TEST(folder.entries() == 1);
  }
  BOOST_TEST(folder.entries() == 0);
  refuse_held_lock(folder.lock, "the output");
}

BOOST_AUTO_TEST_CASE(the_lock_of_a_dead_process_is_taken_over) {
  const Folder folder;
  leave_dead_lock(folder.lock);
  refuse_held_lock(folder.lock, "the output");
  const LockFile mine(folder.lock, "the output");
  BOOST_TEST(mine.taken_from().value().find("since then") != std::string::npos);
  BOOST_TEST(mine.held());
  BOOST_TEST(folder.entries() == 1);
}

BOOST_AUTO_TEST_CASE(a_number_that_another_process_has_now_is_dead) {
  const Folder folder;
  ProcessIdentity process = this_process();
  std::ofstream(folder.lock) << lock_text(process);
  BOOST_TEST(!refusal(folder.lock).empty());
  process.start_ticks = "1";
  std::ofstream(folder.lock) << lock_text(process);
  BOOST_TEST(refusal(folder.lock).empty());
}

BOOST_AUTO_TEST_CASE(a_process_that_was_not_waited_for_is_dead) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t ended{};
  waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  ProcessIdentity process = this_process();
  process.pid = child;
  process.start_ticks.clear();
  BOOST_TEST((fate_of(process) == Fate::dead));
  waitpid(child, nullptr, 0);
  BOOST_TEST((fate_of(process) == Fate::dead));
}

BOOST_AUTO_TEST_CASE(a_process_of_another_machine_is_dead_when_its_lock_has_grown_old) {
  const Folder folder;
  std::ofstream(folder.lock) << "host elsewhere\npid 12\nsince then\n";
  BOOST_TEST(refusal(folder.lock).find("process 12 on elsewhere, since then") != std::string::npos);
  const timespec long_ago{.tv_sec = time(nullptr) - static_cast<long>(lock_patience_s) - 60, .tv_nsec = 0};
  const std::array times{long_ago, long_ago};
  utimensat(AT_FDCWD, folder.lock.c_str(), times.data(), 0);
  BOOST_TEST(refusal(folder.lock).empty());
}

BOOST_AUTO_TEST_CASE(a_lock_that_was_taken_away_is_not_removed) {
  const Folder folder;
  {
    const LockFile mine(folder.lock, "the output");
    std::filesystem::remove(folder.lock);
    std::ofstream(folder.lock) << "host elsewhere\npid 12\nsince then\n";
    BOOST_TEST(!mine.held());
  }
  BOOST_TEST(content(folder.lock).starts_with("host elsewhere"));
}

BOOST_AUTO_TEST_CASE(a_claim_that_a_dead_process_left_is_taken_over) {
  const Folder folder;
  leave_dead_lock(folder.lock);
  struct stat status {};
  stat(folder.lock.c_str(), &status);
  leave_dead_lock(
      fmt::format("{}.{}.{}.{}", folder.lock, status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec));
  BOOST_TEST(folder.entries() == 2);
  const LockFile mine(folder.lock, "the output");
  BOOST_TEST(mine.held());
  BOOST_TEST(folder.entries() == 1);
}

BOOST_AUTO_TEST_CASE(what_a_dead_process_had_begun_to_write_is_removed) {
  const Folder folder;
  const std::string dead = std::to_string(leave_dead_lock(folder.lock));
  for (const std::string& process : {dead, "1" + dead})
    std::ofstream(folder.path / ("result.emd." + host_name() + "." + process + ".tmp")) << "half";
  const LockFile mine(folder.lock, "the output");
  BOOST_TEST(folder.entries() == 2);
  BOOST_TEST(std::filesystem::exists(folder.path / ("result.emd." + host_name() + ".1" + dead + ".tmp")));
}

BOOST_AUTO_TEST_CASE(of_many_who_take_a_dead_lock_at_once_one_has_it) {
  constexpr int rounds = 60, takers = 8;
  const Folder folder;
  leave_dead_lock(folder.lock);
  for (int round = 0; round < rounds; ++round) {
    std::array<int, 2> start{}, told{}, end{};
    BOOST_REQUIRE((pipe(start.data()) == 0 && pipe(told.data()) == 0 && pipe(end.data()) == 0));
    std::array<pid_t, takers> children{};
    for (pid_t& child : children) {
      child = fork();
      if (child != 0) continue;
      close(start[1]);
      close(end[1]);
      char nothing = 0;
      (void)!read(start[0], &nothing, 1);
      std::unique_ptr<LockFile> lock;
      try {
        lock = std::make_unique<LockFile>(folder.lock, "the output");
      } catch (const Error&) {
        lock.reset();
      }
      (void)!write(told[1], lock ? "1" : "0", 1);
      (void)!read(end[0], &nothing, 1);
      _exit(0);
    }
    close(start[1]);
    int owners = 0;
    for (int i = 0; i < takers; ++i) {
      char answer = '?';
      BOOST_REQUIRE(read(told[0], &answer, 1) == 1);
      owners += answer == '1' ? 1 : 0;
    }
    close(end[1]);
    for (const pid_t child : children) waitpid(child, nullptr, 0);
    for (const int file : {start[0], told[0], told[1], end[0]}) close(file);
    BOOST_TEST(owners == 1, "round " << round << ": " << owners << " owners");
  }
}
