#include "io/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

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

}  // namespace

std::string temporary_name(const std::string& path) { return path + ".tmp"; }

void create_temporary(const std::string& path) {
  const Descriptor file(temporary_name(path), O_WRONLY | O_CREAT | O_TRUNC);
  if (file.get() < 0) refuse(ExitCode::cannot_create, path, "created", create_advice);
}

void publish_file(const std::string& path) {
  const std::string temporary = temporary_name(path);
  const Descriptor file(temporary, O_RDONLY);
  if (file.get() < 0 || fsync(file.get()) != 0) refuse(ExitCode::cannot_write, path, "written", write_advice);
  if (rename(temporary.c_str(), path.c_str()) != 0) refuse(ExitCode::cannot_create, path, "renamed", create_advice);
  const auto folder = std::filesystem::path(path).parent_path();
  const Descriptor directory(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (directory.get() >= 0) fsync(directory.get());  // the new name outlives a crash; not all file systems can
}

void discard_file(const std::string& path) noexcept { unlink(temporary_name(path).c_str()); }

void write_text_atomically(const std::string& path, const std::string& text) {
  create_temporary(path);
  const Descriptor file(temporary_name(path), O_WRONLY);
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t now = write(file.get(), text.data() + written, text.size() - written);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) {
      const int reason = errno;
      discard_file(path);
      errno = reason;
      refuse(ExitCode::cannot_write, path, "written", write_advice);
    }
    written += static_cast<std::size_t>(now);
  }
  publish_file(path);
}

}  // namespace tessera
