#include "src/workflow/reconstruct/run_folder.hpp"

#include <filesystem>

#include "io/disk_space.hpp"
#include "io/output_folder.hpp"
#include "io/text_file.hpp"

namespace tessera {

namespace {

std::string lock_of(const OutputPlace& place) { return place.directory + "/run.lock"; }

std::string name_of(const OutputPlace& place) { return "output.directory " + place.directory; }

/// Root only.
void refuse_existing(const OutputPlace& place) {
  const std::string result = place.directory + "/result.emd";
  refuse_input_as_output(result, "output.directory", place.data_file, "data.file");
  for (const char* name : {"resolved.yaml", "run.log", "metrics.json", "status.json"})
    is_taken(place.directory + "/" + name, "output.directory");
  if (!is_taken(result, "output.directory") || place.existing == Existing::replace) return;
  throw InputError(ExitCode::cannot_create,
                   fmt::format("{} exists; --force overwrites it, or choose another output.directory", result));
}

}  // namespace

void check_folder(const Comm& comm, const OutputPlace& place) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    require_writable_folder(place.directory, "output.directory");
    refuse_held_lock(lock_of(place), name_of(place));
    refuse_existing(place);
  });
}

std::optional<std::string> own_folder(const Comm& comm, const OutputPlace& place, RunRecord& record) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    make_folder(place.directory, "output.directory");
    refuse_existing(place);
  });
  auto warning = record.own(lock_of(place), name_of(place));
  comm.agree([&] {
    if (comm.is_root()) refuse_existing(place);
  });
  record.keep_status(place.directory);
  return warning;
}

void write_resolved(const Comm& comm, const OutputPlace& place) {
  comm.agree([&] {
    if (comm.is_root()) write_text_atomically(place.directory + "/resolved.yaml", place.resolved_yaml);
  });
}

void require_room(const Comm& comm, const OutputPlace& place, Index bytes) {
  comm.agree([&] {
    if (!comm.is_root()) return;
    require_file_size_limit(place.directory + "/result.emd", bytes);
    require_free_space(place.directory + "/result.emd", bytes);
  });
}

void refuse_failed(const SolveReport& solve, const OutputPlace& place) {
  if (solve.diverged)
    throw Error(ExitCode::diverged,
                fmt::format("{}; {} holds iteration {}", solve.stop_reason, place.directory, solve.iterations), true);
  if (solve.stuck)
    throw Error(ExitCode::diverged,
                fmt::format("{}: either the start is a minimum already, or its numbers are beyond the run's precision; "
                            "check data.counts_per_electron, loss.epsilon, beam.initial and object.initial, or try "
                            "run.precision: double",
                            solve.stop_reason),
                true);
}

}  // namespace tessera
