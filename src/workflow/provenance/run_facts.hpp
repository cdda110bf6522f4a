#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/experiment_entry.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/start/command_line.hpp"

namespace tessera {

/// The files that a run reads, by the keys that name them.
using InputNames = std::vector<std::pair<std::string, std::string>>;

/// A file that a run has read.
struct InputFile {
  std::string key;   ///< of the run file: "data.file"
  std::string path;  ///< absolute
  Index bytes = 0;
  Index files = 1;        ///< more where `path` is a folder, a pattern of names, or a file that links to others
  std::string modified;   ///< ISO 8601, UTC
  std::string hash_name;  ///< how `hash` was made; empty: it was not
  std::string hash;
  std::string parent_run;  ///< the run id of the result, or preprocessed data, that it is; empty: it is neither
};

/// What stands for a time that a reproducible result does not tell.
inline constexpr const char* no_time = "1970-01-01T00:00:00Z";

/// What a run is, beside its results: enough to know where they come from, and to do it again.
struct RunFacts {
  std::string activity;  ///< "reconstruction" or "preprocessing"
  std::string product;   ///< the name of the file that it makes
  std::string run_id;    ///< a UUID, random or made from inputs and configuration
  bool reproducible = false;
  std::string start_time;   ///< ISO 8601, UTC
  std::string command;      ///< as typed
  std::string folder;       ///< it was typed in
  std::string config_hash;  ///< SHA-256 of the resolved run file
  std::vector<InputFile> inputs;
  std::vector<std::string> versions;                              ///< of program, compiler and libraries
  std::vector<std::string> hosts;                                 ///< [rank], and its GPU
  std::vector<std::pair<std::string, std::string>> surroundings;  ///< Slurm's ids, the container
  std::optional<SampleEntry> sample;
  Index ranks = 1, threads = 1, gpus = 0;
  int seed = 0;
};

/// What a command knows of its run before any file is looked at; names as in RunFacts.
struct RunTexts {
  std::string activity, product;
  InputNames inputs;
  std::string resolved_yaml;  ///< the run file with all defaults
  std::string start_time;
  bool tells_sample = true;  ///< whether what it makes tells of the specimen
};
/// Of the two commands that record where their files come from.
RunTexts texts_of_reconstruct(const RunOptions& options, const std::string& resolved_yaml,
                              const std::string& start_time);
RunTexts texts_of_preprocess(const RunOptions& options, const std::string& resolved_yaml,
                             const std::string& start_time);

/// Gathers them (collective): root's on every rank. `gpu` is this rank's, in words, or empty. Hashes what `output.hash`
/// wants.
RunFacts gather_facts(const Comm& comm, const RunOptions& options, const CommandLine& line, const RunTexts& texts,
                      const std::string& gpu);

/// The resolved run file as a result holds it: with run.reproducible paths are names of files, and the output's is ".".
std::string stored_config(const RunOptions& options, const RunTexts& texts);

/// PROV-JSON (W3C Member Submission, 2013): files, the run and the program, and what was derived from what. `end_time`
/// is when the result was written, or empty. Of a reproducible run without times, places and paths.
std::string prov_json(const RunFacts& facts, const std::string& end_time);

/// How it was computed, for the result; `end_time` and the times before it are left out of a reproducible one.
Computation computation_of(const RunFacts& facts, const std::string& end_time, double elapsed_s);

/// ro-crate-metadata.json of the folder (RO-Crate 1.1, Process Run Crate 0.5), with the files that are there. `status`
/// is what status.json says of the end.
std::string ro_crate(const RunFacts& facts, const std::string& directory, const std::string& status);

}  // namespace tessera
