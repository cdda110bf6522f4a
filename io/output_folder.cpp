#include "io/output_folder.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/base/error.hpp"
#include "src/base/file_kind.hpp"

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

bool is_taken(const std::string& file, const std::string& key) {
  using std::filesystem::file_type;
  std::error_code ignored;
  if (std::filesystem::path(file).filename().empty())
    throw SystemError(ExitCode::cannot_create, fmt::format("{}: '{}' is a folder; name a file", key, file));
  const file_type own = std::filesystem::symlink_status(file, ignored).type();
  if (own == file_type::not_found || own == file_type::none) return false;
  const file_type target = std::filesystem::status(file, ignored).type();
  const bool leads_nowhere = own == file_type::symlink && (target == file_type::not_found || target == file_type::none);
  if (target != file_type::regular && !leads_nowhere)
    throw SystemError(ExitCode::cannot_create,
                      fmt::format("{}: '{}' is {}, which no run replaces", key, file, file_kind(file)));
  return true;
}

void refuse_input_as_output(const std::string& file, const std::string& key, const std::string& input,
                            const std::string& input_key) {
  std::error_code none;
  if (input.empty() || !std::filesystem::equivalent(file, input, none)) return;
  throw InputError(ExitCode::run_file, fmt::format("{}: '{}' is read by this run, as {}; choose another name for what "
                                                   "is written",
                                                   key, file, input_key));
}

}  // namespace tessera
