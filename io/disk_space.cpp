#include "io/disk_space.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "io/output_folder.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// Free bytes for ordinary users; nothing when the file system does not tell.
std::optional<Index> free_bytes(const std::string& path) {
  struct statvfs status;
  if (statvfs(existing_folder(std::filesystem::path(path).parent_path()).c_str(), &status) != 0) return std::nullopt;
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

void reserve_blocks(const std::string& temporary, const std::string& path, Index bytes) {
  const int file = open(temporary.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) no_space(path, bytes, std::strerror(errno));
  // Not posix_fallocate: where the file system lacks the call, that one writes into every block instead.
  const int reason = fallocate(file, 0, 0, bytes) == 0 ? 0 : errno;
  close(file);
  if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) no_space(path, bytes, std::strerror(reason));
}

void require_file_size_limit(const std::string& path, Index bytes) {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  if (limit.rlim_cur < static_cast<rlim_t>(bytes))
    throw SystemError(
        ExitCode::cannot_write,
        fmt::format("{}: cannot be written: its {} bytes are more than the {} bytes that this process may "
                    "write; raise the limit (ulimit -f)",
                    path, bytes, limit.rlim_cur));
}

}  // namespace tessera
