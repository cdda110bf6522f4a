#pragma once

#include <string>

#include "io/text_file.hpp"
#include "src/workflow/start/progress.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// A file that a run writes, and the key that names it.
struct OutputFile {
  std::string path;
  std::string key;
  Existing existing = Existing::keep;
};

/// Makes the file this run's, with a lock beside it, or in a dry run sees whether it could be (collective). Throws
/// where another run has it, where its folder cannot be written to, or where it is there and is to be kept.
void own_output(const Comm& comm, const OutputFile& output, bool dry_run, RunRecord& record, Progress& progress);

/// Throws cannot_create where the file is there and is to be kept (collective).
void refuse_existing(const Comm& comm, const OutputFile& output);

/// Throws cannot_write unless the file's disk has room for `bytes`; `reason` says what takes most of them (collective).
void check_space(const Comm& comm, const OutputFile& output, double bytes, const std::string& reason);

}  // namespace tessera
