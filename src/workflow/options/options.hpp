#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/workflow/options/options_found.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

class Comm;

/// What a run file is read for: it decides which keys must be given.
enum class Command { reconstruct, simulate };

/// The text of a run file; a missing one ends with exit code 66.
std::string read_run_file(const std::string& path);

/// The same, read by rank 0 and sent to all (collective).
std::string read_run_file(const Comm& comm, const std::string& path);

/// Options from the text of the run file at `path`, changed by the assignments "a.b=c" of --set. Paths inside it are
/// relative to the run file and come out absolute. Whatever is wrong is an InputError with exit code 78 that every rank
/// throws alike. What was found in data.file fills keys that are left out.
RunOptions parse_run_options(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                             Command command, const FoundInFile& found = {});

/// `data` alone, of which data.file is looked at; what else the text holds is not checked but for its names.
DataOptions parse_data_options(const std::string& text, const std::string& path, const std::vector<std::string>& sets);

/// The value of a key that the run file or --set gives, as YAML; nothing where it is left out.
std::optional<std::string> given_value(const std::string& text, const std::string& path,
                                       const std::vector<std::string>& sets, const std::string& key);

/// Of each key that a file filled, in one line: what it is and where it stands.
std::vector<std::string> told_by_file(const std::string& text, const std::string& path,
                                      const std::vector<std::string>& sets, Command command, const FoundInFile& found);

RunOptions load_run_options(const std::string& path, const std::vector<std::string>& sets, Command command);

/// The run file with every default filled in and, behind each value, where it came from: default, a line of the file,
/// --set or the metadata of data.file ("file: ..."). It is itself a run file and gives the same options from any
/// folder.
std::string resolved_yaml(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                          Command command, const FoundInFile& found = {});

}  // namespace tessera
