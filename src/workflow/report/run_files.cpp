#include "src/workflow/report/run_files.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <limits>
#include <sstream>

#include "io/lock_file.hpp"
#include "io/text_file.hpp"
#include "src/base/error.hpp"
#include "src/workflow/report/preparation.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_text_bytes = 64 << 20;
constexpr std::size_t most_log_bytes = 16 << 20;
constexpr std::size_t most_picture_bytes = 32 << 20;
constexpr double heartbeat_patience_s = 60;

constexpr std::array<const char*, 7> picture_names{"phase",      "slices", "probe",   "positions",
                                                   "background", "misfit", "residual"};
constexpr std::array<const char*, 5> calibration_pictures{"mean_pattern", "candidates", "dpc", "bright_field",
                                                          "parallax"};

const Json* find(const Json& from, std::initializer_list<const char*> path) {
  const Json* at = &from;
  for (const char* name : path) {
    if (!at->is_object() || !at->contains(name)) return nullptr;
    at = &(*at)[name];
  }
  return at;
}

/// An object, or null.
Json parse_object(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json();
}

/// Seconds since a time in ISO 8601, UTC.
double age_s(const std::string& time) {
  std::tm utc{};
  const char* const end = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  if (end == nullptr || *end != '\0') return std::numeric_limits<double>::infinity();
  return std::difftime(std::time(nullptr), timegm(&utc));
}

/// A run that says that it runs may be dead: its process is not there, or it gives no sign of life.
bool is_dead(const RunFiles& files) {
  const auto fate = fate_of_holder(files.directory + "/run.lock");
  if (fate && *fate != Fate::elsewhere) return *fate == Fate::dead;
  return files.heartbeat_age_s > heartbeat_patience_s;
}

RunState state_of(const RunFiles& files) {
  const std::string said = text_at(files.status, {"state"});
  for (const RunState state : {RunState::finished, RunState::stopped, RunState::failed})
    if (said == state_name(state)) return state;
  if (is_dead(files)) return RunState::dead;
  return said == "stopping" ? RunState::stopping : RunState::running;
}

void read_log(RunFiles& files) {
  const auto text = read_bytes(files.directory + "/run.log", most_log_bytes);
  std::istringstream lines(text.value_or(""));
  for (std::string line; std::getline(lines, line); files.log.push_back(line)) {
    if (const auto iteration = parse_iteration(line)) files.iterations.push_back(*iteration);
    for (const auto& [word, list] : {std::pair("WARNING: ", &files.warnings), std::pair("ERROR: ", &files.errors)})
      if (line.starts_with(word)) list->push_back(line.substr(std::string(word).size()));
  }
}

/// What the status tells of the solve, where the log does not.
void add_progress(RunFiles& files) {
  const auto number = [&](const char* name) { return number_at(files.status, {"progress", name}).value_or(0); };
  if (!number_at(files.status, {"progress", "iteration"})) return;
  constexpr double most = 1e9;
  const auto count = [&](const char* name) { return static_cast<int>(std::clamp(number(name), 0.0, most)); };
  files.iterations.push_back({.iteration = count("iteration"),
                              .iterations = count("iterations"),
                              .loss = number("loss"),
                              .gradient_norm = number("gradient_norm"),
                              .gradients = count("gradients"),
                              .seconds = number("seconds")});
}

[[noreturn]] void refuse(const std::string& directory, const char* why) {
  throw InputError(ExitCode::data_missing,
                   fmt::format("{}: {}; give the output.directory of a run of tessera reconstruct", directory, why));
}

RunFiles read_text_files(const std::string& directory, const std::optional<std::string>& status) {
  std::error_code unreadable;
  if (!std::filesystem::is_directory(directory, unreadable)) refuse(directory, "there is no such folder");
  RunFiles files;
  // Without a slash at its end, which would hide its name.
  files.directory = (std::filesystem::absolute(directory, unreadable) / ".").lexically_normal().parent_path();
  const auto text = status ? status : read_bytes(directory + "/status.json", most_text_bytes);
  if (!text) refuse(directory, "it holds no status.json");
  files.status = parse_object(*text);
  if (text_at(files.status, {"state"}).empty()) refuse(directory, "its status.json says nothing of a run");
  files.heartbeat_age_s = age_s(text_at(files.status, {"heartbeat"}));
  files.state = state_of(files);
  files.resolved = read_bytes(directory + "/resolved.yaml", most_text_bytes).value_or("");
  read_log(files);
  if (files.iterations.empty()) add_progress(files);
  return files;
}

void read_picture(RunFiles& files, const char* name) {
  const std::string path = files.directory + "/" + name + ".png";
  std::error_code unreadable;
  if (std::filesystem::file_size(path, unreadable) > most_picture_bytes || unreadable) return;
  if (auto bytes = read_bytes(path, most_picture_bytes)) files.pictures[name] = std::move(*bytes);
}

/// What other commands left in the folder. A resolution or comparison that is older than the result is of another.
void read_found(RunFiles& files) {
  const auto found = [&](const char* name, bool of_result) {
    const std::string path = files.directory + "/" + name;
    std::error_code unreadable;
    const auto written = std::filesystem::last_write_time(path, unreadable);
    if (unreadable) return Json();
    if (of_result && (files.result.empty() || written < std::filesystem::last_write_time(files.result, unreadable)))
      return Json();
    return parse_object(read_bytes(path, most_text_bytes).value_or(""));
  };
  files.resolution = found("resolution.json", true);
  if (files.resolution.is_object()) read_picture(files, "frc");
  files.comparison = found("compare.json", true);
  files.calibration = found("calibration.json", false);
  if (files.calibration.is_object())
    for (const char* name : calibration_pictures) read_picture(files, name);
  files.preparation = read_preparation(files.resolved);
}

}  // namespace

RunFiles read_run_state(const std::string& directory) { return read_text_files(directory, std::nullopt); }

RunFiles read_run_files(const std::string& directory, const std::optional<std::string>& status) {
  RunFiles files = read_text_files(directory, status);
  const Json* const written = find(files.status, {"result_written"});
  if (written == nullptr || !written->is_boolean() || !written->get<bool>()) return files;
  // Metrics are written when the solve is over; until then an earlier run's may be there.
  Json metrics = parse_object(read_bytes(directory + "/metrics.json", most_text_bytes).value_or(""));
  if (text_at(metrics, {"run_id"}) == text_at(files.status, {"run_id"})) files.metrics = std::move(metrics);
  std::error_code none;
  if (std::filesystem::is_regular_file(directory + "/result.emd", none)) files.result = directory + "/result.emd";
  for (const char* name : picture_names) read_picture(files, name);
  read_found(files);
  return files;
}

bool has_ended(RunState state) { return state != RunState::running && state != RunState::stopping; }

std::string state_name(RunState state) {
  switch (state) {
    case RunState::running:
      return "running";
    case RunState::stopping:
      return "stopping";
    case RunState::finished:
      return "finished";
    case RunState::stopped:
      return "stopped";
    case RunState::failed:
      return "failed";
    case RunState::dead:
      break;
  }
  return "dead";
}

std::optional<double> number_at(const Json& from, std::initializer_list<const char*> path) {
  const Json* const found = find(from, path);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string text_at(const Json& from, std::initializer_list<const char*> path) {
  const Json* const found = find(from, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

std::vector<double> numbers_at(const Json& from, std::initializer_list<const char*> path) {
  const Json* const found = find(from, path);
  std::vector<double> numbers;
  if (found == nullptr || !found->is_array()) return numbers;
  for (const Json& number : *found)
    numbers.push_back(number.is_number() ? number.get<double>() : std::numeric_limits<double>::quiet_NaN());
  return numbers;
}

}  // namespace tessera
