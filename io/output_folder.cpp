#include "io/output_folder.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/base/error.hpp"

namespace tessera {

std::filesystem::path existing_folder(const std::filesystem::path& folder) {
  std::filesystem::path nearest = folder;
  std::error_code ignored;
  while (!nearest.empty() && nearest != nearest.parent_path() && !std::filesystem::exists(nearest, ignored))
    nearest = nearest.parent_path();
  return nearest.empty() ? "." : nearest;
}

void make_folder(const std::string& folder, const std::string& key) {
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_directory(folder, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (error)
    throw SystemError(ExitCode::cannot_create, fmt::format("{} {} cannot be made: {}", key, folder, error.message()));
}

void require_writable_folder(const std::string& folder, const std::string& key) {
  const std::filesystem::path nearest = existing_folder(folder);
  if (!std::filesystem::is_directory(nearest))
    throw SystemError(ExitCode::cannot_create,
                      fmt::format("{} {} cannot be made: {} is not a folder", key, folder, nearest.string()));
  if (access(nearest.c_str(), W_OK | X_OK) != 0)
    throw SystemError(ExitCode::cannot_create,
                      fmt::format("{}: nothing can be created in {}: {}", key, nearest.string(), std::strerror(errno)));
}

}  // namespace tessera
