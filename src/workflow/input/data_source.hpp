#pragma once

#include <string>
#include <vector>

#include "io/sources/source.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/options/options.hpp"
#include "src/workflow/options/options_found.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// What `data` says of the patterns.
SourceRequest source_request(const DataOptions& data);

/// "data.h5: data.patterns /data", or the file alone where it has no datasets.
std::string patterns_name(const DataOptions& data);

/// The files that hold the patterns, data.file itself first where it is one. Serial; InputError as whoever reads them
/// has it.
std::vector<std::string> files_of(const DataOptions& data);

/// What a source's metadata say, as keys of the run file.
FoundInFile found_keys(const Source& source);

/// Looks at data.file of a run file's text. What hinders it is kept as `failure`: whoever reads the data finds it, too.
/// Serial.
FoundInFile look_at_data(const std::string& text, const std::string& path, const std::vector<std::string>& sets);

/// The same by root, sent to all (collective).
FoundInFile look_at_data(const Comm& comm, const std::string& text, const std::string& path,
                         const std::vector<std::string>& sets);

/// The run file with every default and what data.file tells, as resolved_yaml; where it could not be looked at, the
/// first line says why. Serial.
std::string looked_up_config(const std::string& run_file, const std::vector<std::string>& sets, Command command);

}  // namespace tessera
