#include "src/workflow/provenance/run_facts.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "io/dataset.hpp"
#include "src/base/error.hpp"
#include "src/base/process.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/provenance/content_hash.hpp"
#include "src/workflow/provenance/sample.hpp"
#include "src/workflow/provenance/stored_provenance.hpp"
#include "src/workflow/start/versions.hpp"

namespace tessera {

namespace {

constexpr std::array<const char*, 9> told_variables{
    "SLURM_JOB_ID",       "SLURM_STEP_ID",       "SLURM_ARRAY_JOB_ID",    "SLURM_ARRAY_TASK_ID", "SLURM_JOB_NODELIST",
    "SLURM_CLUSTER_NAME", "APPTAINER_CONTAINER", "SINGULARITY_CONTAINER", "CONTAINER_IMAGE"};

/// Patterns, and positions and a mask that lie in files of their own.
InputNames files_of_data(const DataOptions& data) {
  InputNames names{{"data.file", data.file}};
  const auto add = [&](const char* key, bool given, const std::string& file) {
    if (given && !file.empty() && file != data.file) names.emplace_back(key, file);
  };
  add("data.positions", data.positions.has_value(), data.positions_file);
  add("data.mask", data.mask.has_value(), data.mask_file);
  return names;
}

InputNames files_of_reconstruct(const RunOptions& options) {
  InputNames names = files_of_data(options.data);
  if (options.beam.initial) names.emplace_back("beam.initial", options.beam.initial->file);
  if (options.object.initial) names.emplace_back("object.initial", options.object.initial->file);
  if (!options.sample.file.empty()) names.emplace_back("sample.file", options.sample.file);
  if (options.detector.virtual_detectors)
    names.emplace_back("detector.virtual", options.detector.virtual_detectors->file);
  return names;
}

InputNames files_of_preprocess(const RunOptions& options) {
  const PreprocessOptions& steps = options.preprocess;
  InputNames names = files_of_data(options.data);
  const auto add = [&](const char* key, const std::optional<DatasetRef>& from) {
    if (from && from->file != options.data.file) names.emplace_back(key, from->file);
  };
  add("preprocess.dark", steps.dark);
  add("preprocess.flat", steps.flat);
  add("preprocess.distortion.map", steps.distortion.map);
  add("preprocess.distortion.reference", steps.distortion.reference);
  add("preprocess.distortion.distorted", steps.distortion.distorted);
  add("preprocess.compress.detectors", steps.compress.detectors);
  return names;
}

std::string modified_time(const std::string& path) {
  std::error_code unreadable;
  const auto file_time = std::filesystem::last_write_time(path, unreadable);
  if (unreadable) return "";
  const auto time = std::chrono::file_clock::to_sys(file_time);
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::seconds>(time));
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

/// Root's files of the patterns, to all (collective).
std::vector<std::string> pattern_files(const Comm& comm, const DataOptions& data) {
  std::vector<std::string> files;
  comm.agree([&] {
    if (comm.is_root()) files = files_of(data);
  });
  std::string names;  // one after the other, each with the zero that no name holds
  for (const std::string& file : files) names += file + '\0';
  comm.broadcast(names);
  files.clear();
  for (std::size_t at = 0; at < names.size(); at += files.back().size() + 1) files.emplace_back(names.c_str() + at);
  return files;
}

/// `files`: those that a path stands for.
InputFile describe_input(const Comm& comm, const std::string& key, const std::string& path,
                         const std::vector<std::string>& files, HashChoice choice) {
  InputFile input{.key = key, .path = path, .bytes = 0, .modified = {}, .hash_name = {}, .hash = {}, .parent_run = {}};
  input.files = std::ssize(files);
  input.hash = input.files > 1 ? content_hash(comm, files, choice) : content_hash(comm, files.front(), choice);
  if (!input.hash.empty()) input.hash_name = input.files > 1 ? set_hash_name(choice) : hash_name(choice);
  comm.agree([&] {
    if (!comm.is_root()) return;
    std::error_code unreadable;
    for (const std::string& file : files)
      if (const auto bytes = std::filesystem::file_size(file, unreadable); !unreadable)
        input.bytes += static_cast<Index>(bytes);
    input.modified = modified_time(path);
    input.parent_run = run_id_of(stored_provenance(path));
  });
  return input;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

/// As a shell would take it again.
std::string quoted(const std::string& word) {
  constexpr const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.,/:@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

std::string new_run_id(const RunFacts& facts) {
  if (!facts.reproducible) return random_uuid();
  std::string name = facts.versions.front() + "\n" + facts.config_hash;
  for (const InputFile& input : facts.inputs) name += "\n" + input.key + " " + input.hash_name + " " + input.hash;
  return uuid_of(name);
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); !what.empty() && at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

RunTexts texts_of_reconstruct(const RunOptions& options, const std::string& resolved_yaml,
                              const std::string& start_time) {
  return {.activity = "reconstruction",
          .product = "result.emd",
          .inputs = files_of_reconstruct(options),
          .resolved_yaml = resolved_yaml,
          .start_time = start_time,
          .tells_sample = true};
}

RunTexts texts_of_preprocess(const RunOptions& options, const std::string& resolved_yaml,
                             const std::string& start_time) {
  return {.activity = "preprocessing",
          .product = std::filesystem::path(options.preprocess.output).filename(),
          .inputs = files_of_preprocess(options),
          .resolved_yaml = resolved_yaml,
          .start_time = start_time,
          .tells_sample = false};
}

RunFacts gather_facts(const Comm& comm, const RunOptions& options, const CommandLine& line, const RunTexts& texts,
                      const std::string& gpu) {
  RunFacts facts;
  facts.activity = texts.activity;
  facts.product = texts.product;
  facts.reproducible = options.run.reproducible;
  facts.start_time = texts.start_time;
  for (const std::string& word : line.words) facts.command += (facts.command.empty() ? "" : " ") + quoted(word);
  std::error_code unreadable;
  facts.folder = std::filesystem::current_path(unreadable);
  facts.config_hash = sha256(stored_config(options, texts));
  for (const auto& [key, path] : texts.inputs) {
    const std::vector<std::string> files =
        key == "data.file" ? pattern_files(comm, options.data) : std::vector<std::string>{path};
    facts.inputs.push_back(describe_input(comm, key, path, files, options.output.hash));
  }
  facts.versions = lines_of(version_text());
  facts.hosts = comm.texts_to_root(host_name() + (gpu.empty() ? "" : ", " + gpu));
  for (const char* name : told_variables)
    if (const char* const value = std::getenv(name)) facts.surroundings.emplace_back(name, value);
  facts.ranks = comm.size();
  facts.threads = options.run.threads;
  facts.seed = options.run.seed;
  facts.gpus = comm.sum(Index{gpu.empty() ? 0 : 1});
  comm.agree([&] {
    if (!comm.is_root()) return;
    facts.run_id = new_run_id(facts);
    if (texts.tells_sample)
      facts.sample = sample_entry(options.sample, facts.reproducible ? no_time : texts.start_time);
  });
  comm.broadcast(facts.run_id);
  return facts;
}

Computation computation_of(const RunFacts& facts, const std::string& end_time, double elapsed_s) {
  Computation computation;
  computation.processes = static_cast<long>(facts.ranks);
  computation.threads = static_cast<long>(facts.threads);
  computation.gpus = static_cast<long>(facts.gpus);
  computation.programs = facts.versions;
  if (facts.reproducible) return computation;
  computation.command_line = facts.command;
  computation.folder = facts.folder;
  computation.start_time = facts.start_time;
  computation.end_time = end_time;
  computation.elapsed_s = elapsed_s;
  for (const std::string& host : facts.hosts) {
    const std::string name = host.substr(0, host.find(','));
    if (std::ranges::find(computation.hosts, name) == computation.hosts.end()) computation.hosts.push_back(name);
  }
  utsname system{};
  if (uname(&system) == 0) {
    computation.operating_system = system.sysname;
    computation.operating_system_version = system.release;
  }
  return computation;
}

std::string stored_config(const RunOptions& options, const RunTexts& texts) {
  if (!options.run.reproducible) return texts.resolved_yaml;
  std::string config = texts.resolved_yaml;
  // Keys of other commands may stand in it, too.
  for (const InputNames& names : {files_of_preprocess(options), files_of_reconstruct(options)})
    for (const auto& [key, path] : names) replace_all(config, path, std::filesystem::path(path).filename());
  replace_all(config, options.output.directory, ".");
  replace_all(config, options.preprocess.output, std::filesystem::path(options.preprocess.output).filename());
  // Comments stand in a column, as far as values are short.
  std::string narrow;
  for (std::size_t i = 0; i < config.size(); ++i)
    if (config[i] != ' ' || config.compare(config.find_first_not_of(' ', i), 2, "# ") != 0 || config[i + 1] == '#')
      narrow += config[i];
  return narrow;
}

}  // namespace tessera
