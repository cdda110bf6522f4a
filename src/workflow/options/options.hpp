#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/workflow/options/options_found.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

class Comm;

/// What a run file is read for: it decides which keys must be given.
enum class Command { reconstruct, simulate, preprocess, calibrate };

/// "reconstruct", as it is typed.
const char* command_word(Command command);

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

/// What data.file told, a line each: the keys that it filled, with what and from where, and its notes.
std::vector<std::string> told_by_file(const std::string& text, const std::string& path,
                                      const std::vector<std::string>& sets, Command command, const FoundInFile& found);

RunOptions load_run_options(const std::string& path, const std::vector<std::string>& sets, Command command);

/// The run file with every default filled in and, behind each value, where it came from: default, a line of the file,
/// --set or the metadata of data.file ("file: ..."). It is itself a run file and gives the same options from any
/// folder.
std::string resolved_yaml(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                          Command command, const FoundInFile& found = {});

/// A value that a program found, not a user: an assignment "a.b=c" and, for the comment behind it, where it comes from.
struct FoundValue {
  std::string assignment;
  std::string place;
};

/// The same with found values in the place of those of the file.
std::string resolved_yaml(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                          const std::vector<FoundValue>& values, Command command, const FoundInFile& found = {});

/// What becomes of a run file's keys: sections or keys that go, and new values as YAML in one line.
struct RunFileChanges {
  std::vector<std::string> dropped;
  std::vector<std::pair<std::string, std::string>> values;
};

/// The run file with these changes, without comments, its file names absolute. Keys that neither it nor data.file gives
/// stay so.
std::string changed_run_file(const std::string& text, const std::string& path, const std::vector<std::string>& sets,
                             const RunFileChanges& changes, const FoundInFile& found);

}  // namespace tessera
