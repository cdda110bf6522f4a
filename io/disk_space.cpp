#include "io/disk_space.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "io/text_file.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Free bytes for ordinary users; nothing when the file system does not tell.
std::optional<Index> free_bytes(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  struct statvfs status;
  if (statvfs(folder.empty() ? "." : folder.c_str(), &status) != 0) return std::nullopt;
  return static_cast<Index>(status.f_bavail) * static_cast<Index>(status.f_frsize);
}

[[noreturn]] void no_space(const std::string& path, Index needed, const char* reason) {
  const auto free = free_bytes(path);
  throw SystemError(ExitCode::cannot_write,
                    fmt::format("{}: cannot be written: {}: {} bytes are needed, {} bytes are free; free some space or "
                                "choose another folder",
                                path, reason, needed, free ? std::to_string(*free) : "an unknown number of"));
}

}  // namespace

void require_free_space(const std::string& path, Index bytes) {
  const auto free = free_bytes(path);
  if (free && *free < bytes) no_space(path, bytes, std::strerror(ENOSPC));
}

void reserve_blocks(const std::string& path) {
  const int file = open(temporary_name(path).c_str(), O_WRONLY | O_CLOEXEC);
  struct stat status {};
  if (file < 0 || fstat(file, &status) != 0) no_space(path, 0, std::strerror(errno));
  // Not posix_fallocate: where the file system lacks the call, that one writes into every block instead.
  const int result = status.st_size == 0 ? 0 : fallocate(file, 0, 0, status.st_size);
  const int reason = result == 0 ? 0 : errno;
  close(file);
  if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) no_space(path, status.st_size, std::strerror(reason));
}

}  // namespace tessera
