#include "io/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/base/error.hpp"
#include "src/base/process.hpp"

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

void sync(const std::string& file, const std::string& path) {
  const Descriptor descriptor(file, O_RDONLY);
  if (descriptor.get() < 0 || fsync(descriptor.get()) != 0)
    refuse(ExitCode::cannot_write, path, "written", write_advice);
}

void write_all(const Descriptor& file, const std::string& path, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t now = write(file.get(), text.data() + written, text.size() - written);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) refuse(ExitCode::cannot_write, path, "written", write_advice);
    written += static_cast<std::size_t>(now);
  }
}

/// A new name then outlives a crash of the machine; not all file systems can.
void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const Descriptor directory(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (directory.get() >= 0) fsync(directory.get());
}

/// Renames unless the new name is taken. A second name is given in one step; where files have only one, it is looked up
/// before.
bool rename_to_new(const std::string& temporary, const std::string& path) {
  if (link(temporary.c_str(), path.c_str()) == 0) {
    unlink(temporary.c_str());
    return true;
  }
  if (errno == EEXIST || access(path.c_str(), F_OK) == 0) return false;
  if (rename(temporary.c_str(), path.c_str()) != 0) refuse(ExitCode::cannot_create, path, "renamed", create_advice);
  return true;
}

}  // namespace

NewFile::NewFile(const std::string& path) : path_(path), temporary_(temporary_name(path)) {
  create_temporary(temporary_, path_);
}

NewFile::~NewFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void NewFile::fill(const std::string& text) {
  const Descriptor file(temporary_, O_WRONLY | O_TRUNC);
  write_all(file, path_, text);
}

void NewFile::publish(Existing existing) {
  if (!publish_file(temporary_, path_, existing))
    throw SystemError(ExitCode::cannot_create,
                      fmt::format("{} came to be meanwhile, and is left as it is; --force overwrites it", path_));
  temporary_.clear();
}

std::string temporary_name(const std::string& path) { return fmt::format("{}.{}.{}.tmp", path, host_name(), getpid()); }

void create_temporary(const std::string& temporary, const std::string& path) {
  const Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.get() < 0) refuse(ExitCode::cannot_create, path, "created", create_advice);
}

bool publish_file(const std::string& temporary, const std::string& path, Existing existing) {
  sync(temporary, path);
  if (existing == Existing::keep) {
    if (!rename_to_new(temporary, path)) return false;
  } else if (rename(temporary.c_str(), path.c_str()) != 0) {
    refuse(ExitCode::cannot_create, path, "renamed", create_advice);
  }
  sync_folder_of(path);
  return true;
}

std::optional<std::string> read_bytes(const std::string& path, std::size_t most) {
  const Descriptor file(path, O_RDONLY | O_NONBLOCK);  // a pipe is not waited for
  struct stat status {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const auto size = static_cast<std::size_t>(status.st_size), length = std::min(size, most);
  std::string bytes(length, '\0');
  std::size_t read_so_far = 0;
  while (read_so_far < length) {
    const ssize_t now = pread(file.get(), bytes.data() + read_so_far, length - read_so_far,
                              static_cast<off_t>(size - length + read_so_far));
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return std::nullopt;
    if (now == 0) break;  // it became shorter
    read_so_far += static_cast<std::size_t>(now);
  }
  bytes.resize(read_so_far);
  return bytes;
}

void discard_file(const std::string& file) noexcept { unlink(file.c_str()); }

void write_text_atomically(const std::string& path, const std::string& text) {
  NewFile whole(path);
  whole.fill(text);
  whole.publish();
}

void overwrite_text(const std::string& path, const std::string& text) {
  const Descriptor file(path, O_WRONLY);
  write_all(file, path, text);
  if (ftruncate(file.get(), static_cast<off_t>(text.size())) != 0)
    refuse(ExitCode::cannot_write, path, "written", write_advice);
}

}  // namespace tessera
