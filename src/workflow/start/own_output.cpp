#include "src/workflow/start/own_output.hpp"

#include <filesystem>

#include "io/output_folder.hpp"
#include "src/base/memory_need.hpp"

namespace tessera {

void own_output(const Comm& comm, const OutputFile& output, bool dry_run, RunRecord& record, Progress& progress) {
  const std::string folder = std::filesystem::path(output.path).parent_path();
  const std::string lock = output.path + ".lock", what = output.key + " " + output.path;
  comm.agree([&] {
    if (!comm.is_root()) return;
    is_taken(output.path, output.key);  // before a lock or a folder is made beside it
    require_writable_folder(folder, output.key);
    if (dry_run) refuse_held_lock(lock, what);
    if (!dry_run) make_folder(folder, output.key);
  });
  if (!dry_run)
    if (const auto warning = record.own(lock, what)) progress.warn(*warning);
  refuse_existing(comm, output);
}

void refuse_existing(const Comm& comm, const OutputFile& output) {
  comm.agree([&] {
    if (!comm.is_root() || !is_taken(output.path, output.key) || output.existing == Existing::replace) return;
    throw InputError(ExitCode::cannot_create,
                     fmt::format("{}: '{}' exists; --force overwrites it", output.key, output.path));
  });
}

void check_space(const Comm& comm, const OutputFile& output, double bytes, const std::string& reason) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    std::error_code unknown;
    const std::filesystem::path folder = std::filesystem::path(output.path).parent_path();
    const double free = static_cast<double>(std::filesystem::space(folder, unknown).available);
    if (unknown || bytes <= free) return;
    throw SystemError(ExitCode::cannot_write,
                      fmt::format("{} '{}' would take {}, and its disk has {} of space left; {}", output.key,
                                  output.path, bytes_text(bytes), bytes_text(free), reason));
  });
}

}  // namespace tessera
