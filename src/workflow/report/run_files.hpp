#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/workflow/start/progress.hpp"

namespace tessera {

/// How a run stands, by its files.
enum class RunState { running, stopping, finished, stopped, failed, dead };

/// What `tessera preprocess` did, as it told it.
struct PreparationStep {
  std::string name, words;
  std::string picture;  ///< PNG; empty: none
};

/// What the folder of a run holds, as far as it is of that run; nothing of it is believed. Sizes are bounded.
struct RunFiles {
  std::string directory;  ///< absolute
  RunState state = RunState::dead;
  nlohmann::ordered_json status;                ///< an object
  nlohmann::ordered_json metrics;               ///< null: none yet, or an earlier run's
  nlohmann::ordered_json resolution;            ///< resolution.json; null: none, or of an earlier result
  nlohmann::ordered_json comparison;            ///< compare.json; the same
  nlohmann::ordered_json calibration;           ///< calibration.json; null: none
  std::vector<PreparationStep> preparation;     ///< of the data, from the folder beside them; empty: none
  std::string resolved;                         ///< resolved.yaml
  std::vector<std::string> log;                 ///< lines of run.log; of a long one the last
  std::vector<std::string> warnings;            ///< of them
  std::vector<std::string> errors;              ///< of them
  std::vector<IterationLine> iterations;        ///< of them
  std::map<std::string, std::string> pictures;  ///< "phase" to the bytes of phase.png
  std::string result;                           ///< result.emd; empty: none, or an earlier run's
  double heartbeat_age_s = 0;                   ///< infinite where it cannot be read
};

/// Reads them all. Throws InputError (data_missing) where `directory` is no folder of a run of `tessera reconstruct`.
/// `status`, where given, stands for status.json: of a run that writes it next.
RunFiles read_run_files(const std::string& directory, const std::optional<std::string>& status = {});

/// The same without pictures, for a look every few seconds.
RunFiles read_run_state(const std::string& directory);

/// Whether nothing more will come.
bool has_ended(RunState state);

/// "running", "finished" ...
std::string state_name(RunState state);

/// The number at "a", "b" ... of nested objects; nothing where there is none.
std::optional<double> number_at(const nlohmann::ordered_json& from, std::initializer_list<const char*> path);
/// The text there; empty where there is none.
std::string text_at(const nlohmann::ordered_json& from, std::initializer_list<const char*> path);
/// The numbers of the list there; what is no number is NaN.
std::vector<double> numbers_at(const nlohmann::ordered_json& from, std::initializer_list<const char*> path);

}  // namespace tessera
