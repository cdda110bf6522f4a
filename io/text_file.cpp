#include "io/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/base/error.hpp"

namespace tessera {

namespace {

/// A POSIX file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : value_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

[[noreturn]] void refuse(ExitCode code, const std::string& path, const char* action, const char* advice) {
  throw SystemError(code, fmt::format("{}: cannot be {}: {}; {}", path, action, std::strerror(errno), advice));
}

constexpr const char* create_advice = "create the folder or choose another one";
constexpr const char* write_advice = "free some space or choose another folder";

void create_empty(const std::string& temporary, const std::string& path) {
  const Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.get() < 0) refuse(ExitCode::cannot_create, path, "created", create_advice);
}

void sync_and_rename(const std::string& temporary, const std::string& path) {
  const Descriptor file(temporary, O_RDONLY);
  if (file.get() < 0 || fsync(file.get()) != 0) refuse(ExitCode::cannot_write, path, "written", write_advice);
  if (rename(temporary.c_str(), path.c_str()) != 0) refuse(ExitCode::cannot_create, path, "renamed", create_advice);
  const auto folder = std::filesystem::path(path).parent_path();
  const Descriptor directory(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (directory.get() >= 0) fsync(directory.get());  // the new name outlives a crash; not all file systems can
}

std::string own_temporary_name(const std::string& path) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}.{}.{}.tmp", path, host.data(), getpid());
}

}  // namespace

NewFile::NewFile(const std::string& path) : path_(path), temporary_(own_temporary_name(path)) {
  create_empty(temporary_, path_);
}

NewFile::~NewFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void NewFile::publish() {
  sync_and_rename(temporary_, path_);
  temporary_.clear();
}

std::string temporary_name(const std::string& path) { return path + ".tmp"; }

void create_temporary(const std::string& path) { create_empty(temporary_name(path), path); }

void publish_file(const std::string& path) { sync_and_rename(temporary_name(path), path); }

void discard_file(const std::string& path) noexcept { unlink(temporary_name(path).c_str()); }

void write_text_atomically(const std::string& path, const std::string& text) {
  NewFile whole(path);
  const Descriptor file(whole.temporary(), O_WRONLY);
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t now = write(file.get(), text.data() + written, text.size() - written);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) refuse(ExitCode::cannot_write, path, "written", write_advice);
    written += static_cast<std::size_t>(now);
  }
  whole.publish();
}

}  // namespace tessera
