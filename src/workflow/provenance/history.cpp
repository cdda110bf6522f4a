#include "src/workflow/provenance/history.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <vector>

#include "io/dataset.hpp"
#include "src/base/error.hpp"
#include "src/base/words.hpp"
#include "src/workflow/input/data_source.hpp"
#include "src/workflow/provenance/content_hash.hpp"
#include "src/workflow/provenance/stored_provenance.hpp"
#include "src/workflow/start/outlet.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& from, const std::string& name) {
  if (!from.is_object() || !from.contains(name)) return "";
  const Json& value = from[name];
  return shown(value.is_string() ? value.get<std::string>() : value.dump(), 2000);
}

/// The member of a document, or an empty object.
Json member(const Json& from, const char* name) {
  return from.is_object() && from.contains(name) && from[name].is_object() ? from[name] : Json::object();
}

/// The value behind the first member of `from` that begins with `prefix`, and the rest of its name.
std::pair<std::string, std::string> hash_of(const Json& entity) {
  for (const auto& [name, value] : entity.items())
    if (name.starts_with("tessera:sha256-") && value.is_string())
      return {name.substr(std::string("tessera:").size()), value.get<std::string>()};
  return {};
}

/// The file of an entity: where it was, or beside the result.
std::string file_of(const Json& entity, const std::string& result) {
  std::string path = text_of(entity, "tessera:path");
  std::error_code none;
  if (!path.empty() && std::filesystem::is_regular_file(path, none)) return path;
  const auto beside = std::filesystem::path(result).parent_path() / text_of(entity, "tessera:file");
  const bool other =
      std::filesystem::is_regular_file(beside, none) && !std::filesystem::equivalent(beside, result, none);
  return other ? beside.string() : "";
}

/// The files of patterns, found anew as the run file says; empty where they are gone.
std::vector<std::string> files_of_set(const Json& entity, const std::string& config, Command command) {
  try {
    DataOptions data = parse_run_options(config, "config_yaml", {}, command).data;
    data.file = text_of(entity, "tessera:path");
    return files_of(data);
  } catch (const Error&) {
    return {};
  }
}

/// Whether a file, or the files of patterns, still are what they were.
std::string state_of(const Json& entity, const std::string& file, const std::string& config, Command command) {
  const auto [name, hash] = hash_of(entity);
  if (hash.empty())
    return file.empty() ? "a folder, a pattern of names, or gone; its content was not recorded"
                        : "there; its content was not recorded";
  std::string now;
  if (is_set_hash(name)) {
    if (text_of(entity, "tessera:path").empty())
      return "not looked for: a reproducible run does not tell where they were";
    const std::vector<std::string> files = files_of_set(entity, config, command);
    if (files.empty()) return "gone";
    if (text_of(entity, "tessera:files") != std::to_string(files.size()))
      return fmt::format("{} files now", files.size());
    now = content_hash(files, name);
  } else {
    if (file.empty()) return "gone";
    now = content_hash(file, name);
  }
  if (now.empty()) return "there, and cannot be read";
  if (now != hash) return "changed since";
  return name.starts_with(hash_name(HashChoice::head)) ? "unchanged in its first MiB" : "unchanged";
}

/// "beam.energy_keV: 80" of each line of a resolved run file that is not "# default". Sections are indented by two.
std::vector<std::string> given_keys(const std::string& config) {
  std::vector<std::string> keys, sections;
  std::istringstream lines(config);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    sections.resize(std::min(sections.size(), indent / 2));
    const auto place = line.rfind(" # ");
    if (place == std::string::npos) {
      sections.push_back(line.substr(indent, line.find(':') - indent) + ".");
      continue;
    }
    if (line.substr(place) == " # default") continue;
    line = line.substr(indent, line.find_last_not_of(' ', place) + 1 - indent);
    std::string path;
    for (const std::string& section : sections) path += section;
    keys.push_back(shown(path + line, 160));
  }
  return keys;
}

class History {
 public:
  /// What led to `file`, and then it.
  void follow(const std::string& file) {
    constexpr std::size_t most_runs = 1000;
    const Json provenance = stored_provenance(file);
    const std::string run = run_id_of(provenance);
    if (run.empty() || !seen_.insert(run).second || seen_.size() > most_runs) return;
    const Json entities = member(provenance, "entity");
    for (const auto& [id, entity] : entities.items())
      if (!text_of(entity, "tessera:run_id").empty()) {
        const std::string parent = file_of(entity, file);
        if (!parent.empty() && run_id_of(stored_provenance(parent)) == text_of(entity, "tessera:run_id"))
          follow(parent);
      }
    tell(file, provenance, run);
  }

  const std::string& text() const { return text_; }

 private:
  void tell(const std::string& file, const Json& provenance, const std::string& run) {
    const Json activity = first_of(member(provenance, "activity")), program = first_of(member(provenance, "agent"));
    text_ += fmt::format("{}\n", file);
    add("run", run);
    const std::string start = text_of(activity, "prov:startTime");
    const std::string end = text_of(activity, "prov:endTime");
    add("when", start.empty() ? "not told: a reproducible run" : start + (end.empty() ? "" : " to " + end));
    add("by", fmt::format("{} {} ({}), {}", text_of(program, "prov:label"), text_of(program, "tessera:version"),
                          text_of(program, "tessera:revision"), text_of(program, "tessera:compiler")));
    const std::string host = text_of(activity, "tessera:rank_0");
    add("on",
        fmt::format("{} ranks{}", text_of(activity, "tessera:ranks"), host.empty() ? "" : ", the first on " + host));
    add("command", text_of(activity, "tessera:command"));
    const Json entities = member(provenance, "entity");
    const std::string config = stored_run_file(file);
    const Command command =
        member(provenance, "activity").contains("run:preprocessing") ? Command::preprocess : Command::reconstruct;
    for (const auto& [id, entity] : entities.items()) {
      if (!id.starts_with("run:input_")) continue;
      const std::string name =
          text_of(entity, "tessera:path").empty() ? text_of(entity, "tessera:file") : text_of(entity, "tessera:path");
      const std::string parent = text_of(entity, "tessera:run_id"), files = text_of(entity, "tessera:files");
      add("read",
          fmt::format("{} = {}: {}{}{}", text_of(entity, "prov:label"), name, files.empty() ? "" : files + " files, ",
                      state_of(entity, file_of(entity, file), config, command),
                      parent.empty() ? "" : "; result of run " + parent));
    }
    for (const std::string& key : given_keys(config)) add("key", key);
    text_ += "\n";
  }

  static Json first_of(const Json& group) {
    return group.empty() || !group.begin()->is_object() ? Json::object() : *group.begin();
  }

  void add(const char* what, const std::string& value) {
    if (!value.empty()) text_ += fmt::format("  {:<8}{}\n", what, value);
  }

  std::set<std::string> seen_;
  std::string text_;
};

}  // namespace

int run_history(const CommandLine& line) {
  const OpenFile file(line.result);  // tells what is wrong with it
  if (run_id_of(stored_provenance(line.result)).empty())
    throw InputError(ExitCode::data_wrong, fmt::format("{}: it does not say where it comes from; give a result.emd, or "
                                                       "data of tessera preprocess, of this version or newer",
                                                       file.name()));
  History history;
  history.follow(line.result);
  print_whole(history.text());
  return 0;
}

}  // namespace tessera
