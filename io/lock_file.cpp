#include "io/lock_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "io/text_file.hpp"
#include "src/base/error.hpp"
#include "src/base/process.hpp"

namespace tessera {

namespace {

std::string as_text(const ProcessIdentity& process) {
  return fmt::format(
      "# A run of tessera writes here. Remove this file only when no such process runs.\n"
      "host {}\npid {}\npid_namespace {}\nstart_ticks {}\nsince {}\n",
      process.host, process.pid, process.pid_namespace, process.start_ticks, process.since);
}

ProcessIdentity parse(const std::string& text) {
  ProcessIdentity process;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    if (space == std::string::npos) continue;
    const std::string key = line.substr(0, space), value = line.substr(space + 1);
    if (key == "host") process.host = value;
    if (key == "pid") std::from_chars(value.data(), value.data() + value.size(), process.pid);
    if (key == "pid_namespace") process.pid_namespace = value;
    if (key == "start_ticks") process.start_ticks = value;
    if (key == "since") process.since = value;
  }
  return process;
}

/// A lock as it was found.
struct Found {
  ProcessIdentity holder;  ///< host empty: not written yet, or by something else
  ino_t inode = 0;
  timespec touched = {};

  /// The same as long as nobody has replaced or touched the file.
  std::string mark() const { return fmt::format("{}.{}.{}", inode, touched.tv_sec, touched.tv_nsec); }
  std::string in_words() const {
    if (holder.host.empty()) return "an unknown process";
    return fmt::format("process {} on {}, since {}", holder.pid, holder.host, holder.since);
  }
};

/// Nothing when there is no such file.
std::optional<Found> look_at(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  struct stat status {};
  std::string text(4096, '\0');
  const bool known = file >= 0 && fstat(file, &status) == 0;
  const ssize_t length = known ? read(file, text.data(), text.size()) : -1;
  const int reason = errno;
  if (file >= 0) close(file);
  if (length < 0)
    throw SystemError(ExitCode::cannot_create, fmt::format("{}: cannot be read: {}", path, std::strerror(reason)));
  text.resize(static_cast<std::size_t>(length));
  return Found{parse(text), status.st_ino, status.st_mtim};
}

/// `now`: by the clock of the file system, which may not be this machine's.
bool is_dead(const Found& lock, std::time_t now) {
  const Fate fate = lock.holder.host.empty() ? Fate::elsewhere : fate_of(lock.holder);
  if (fate != Fate::elsewhere) return fate == Fate::dead;
  return static_cast<double>(now - lock.touched.tv_sec) > lock_patience_s;
}

[[noreturn]] void refuse(const std::string& path, const std::string& what, const Found& lock) {
  const bool seen = !lock.holder.host.empty() && fate_of(lock.holder) == Fate::alive;
  const std::string advice =
      seen ? "wait for its end, or write elsewhere"
           : fmt::format("wait for its end, write elsewhere or, if it is dead, remove {} (or wait {:.0f} minutes)",
                         path, lock_patience_s / 60);
  throw InputError(ExitCode::cannot_create,
                   fmt::format("{} is being written by another run ({}); {}", what, lock.in_words(), advice));
}

/// Creates `path` with this text unless it is there, in one step: a second name of a file that is whole already.
bool create_exclusively(const NewFile& whole, const std::string& path, const std::string& text) {
  if (link(whole.temporary().c_str(), path.c_str()) == 0) return true;
  if (errno == EEXIST) {
    // Over NFS an answer may get lost, and the call that is sent again finds its own work.
    struct stat status {};
    return stat(whole.temporary().c_str(), &status) == 0 && status.st_nlink == 2;
  }
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0 && errno == EEXIST) return false;
  const bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int reason = errno;
  if (file >= 0) close(file);
  if (!written)
    throw SystemError(ExitCode::cannot_create, fmt::format("{}: cannot be created: {}", path, std::strerror(reason)));
  return true;
}

/// Removes what a dead process had begun to write beside its lock.
void remove_leftovers(const std::string& lock, const ProcessIdentity& dead) {
  const std::string ending = fmt::format(".{}.{}.tmp", dead.host, dead.pid);
  const std::filesystem::path folder = std::filesystem::path(lock).parent_path();
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder.empty() ? "." : folder, ignored))
    if (entry.path().filename().string().ends_with(ending)) discard_file(entry.path());
}

/// Takes `path`, and returns from which dead process. A dead lock is replaced only by who holds the claim on it, a lock
/// itself, named after what is replaced: while the claim is held, nobody else replaces that lock.
std::optional<std::string> take(const std::string& path, const std::string& what, const std::string& text) {
  constexpr int attempts = 10;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    NewFile whole(path);
    whole.fill(text);
    struct stat written {};
    stat(whole.temporary().c_str(), &written);
    if (create_exclusively(whole, path, text)) return std::nullopt;
    const auto found = look_at(path);
    if (!found) continue;
    if (!is_dead(*found, written.st_mtim.tv_sec)) refuse(path, what, *found);
    const std::string claim = path + "." + found->mark();
    take(claim, what, text);
    const auto now = look_at(path);
    if (now && now->mark() == found->mark() && rename(claim.c_str(), path.c_str()) == 0) {
      remove_leftovers(path, found->holder);
      return found->in_words();
    }
    discard_file(claim);
  }
  throw SystemError(ExitCode::cannot_create, fmt::format("{}: other runs come and go; try again", what));
}

}  // namespace

LockFile::LockFile(std::string path, const std::string& what)
    : path_(std::move(path)), text_(as_text(this_process())), taken_from_(take(path_, what, text_)) {}

LockFile::~LockFile() {
  if (held()) discard_file(path_);
}

void LockFile::touch() const noexcept { utimensat(AT_FDCWD, path_.c_str(), nullptr, 0); }

bool LockFile::held() const {
  std::ifstream file(path_);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return text == text_;
}

void refuse_held_lock(const std::string& path, const std::string& what) {
  const auto found = look_at(path);
  if (found && !is_dead(*found, std::time(nullptr))) refuse(path, what, *found);
}

std::optional<Fate> fate_of_holder(const std::string& path) {
  const auto found = look_at(path);
  if (!found) return std::nullopt;
  return found->holder.host.empty() ? Fate::elsewhere : fate_of(found->holder);
}

}  // namespace tessera
