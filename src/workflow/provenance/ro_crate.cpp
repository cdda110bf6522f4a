#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "src/base/clock.hpp"
#include "src/base/version.hpp"
#include "src/workflow/provenance/run_facts.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

/// What a folder may hold, and what it is.
struct Part {
  const char* file;
  const char* what;
  const char* media_type;
};
constexpr std::array<Part, 15> parts{{
    {"result.emd", "object, phase, probe, positions and losses: EMD 1.0 and NeXus", "application/x-hdf5"},
    {"report.html", "all that the run has to show on one page", "text/html"},
    {"metrics.json", "figures of the run", "application/json"},
    {"status.json", "how the run ended", "application/json"},
    {"resolved.yaml", "the run file with every default filled in", "application/yaml"},
    {"run.log", "the log", "text/plain"},
    {"phase.png", "phase of the object", "image/png"},
    {"slices.png", "phase of the slices", "image/png"},
    {"probe.png", "probe modes", "image/png"},
    {"misfit.png", "misfit of each position", "image/png"},
    {"residual.png", "data minus model over the detector", "image/png"},
    {"loss.png", "loss against the iteration", "image/png"},
    {"unknowns.png", "how unknowns moved", "image/png"},
    {"positions.png", "how positions moved", "image/png"},
    {"background.png", "background of the detector", "image/png"},
}};

Json reference(const std::string& id) { return {{"@id", id}}; }

/// A path as a URI: letters that a URI may not hold as %XX.
std::string file_uri(const std::string& path) {
  constexpr const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string uri = "file://";
  for (const char letter : path)
    uri += std::string_view(plain).find(letter) != std::string_view::npos
               ? std::string(1, letter)
               : fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  return uri;
}

Json input_file(const InputFile& input) {
  Json file{{"@id", file_uri(input.path)},
            {"@type", "File"},
            {"name", std::filesystem::path(input.path).filename().string()},
            {"description", input.key + " of the run file"},
            {"contentSize", std::to_string(input.bytes)},
            {"encodingFormat", "application/x-hdf5"}};
  if (!input.modified.empty()) file["dateModified"] = input.modified;
  if (!input.hash.empty()) file["identifier"] = input.hash_name + ":" + input.hash;
  return file;
}

/// A list of one is that one.
Json one_or_all(const Json& list) { return list.size() == 1 ? list[0] : list; }

Json action(const RunFacts& facts, const Json& status, const Json& inputs, const Json& results) {
  const bool complete = status.value("exit_code", 1) == 0;
  Json create{
      {"@id", "#" + facts.run_id},
      {"@type", "CreateAction"},
      {"name", "ptychographic reconstruction"},
      {"description", facts.command},
      {"instrument", reference("#tessera")},
      {"agent", reference("#user")},
      {"startTime", facts.start_time},
      {"endTime", utc_now()},
      {"object", one_or_all(inputs)},
      {"result", one_or_all(results)},
      {"actionStatus", complete ? "http://schema.org/CompletedActionStatus" : "http://schema.org/FailedActionStatus"}};
  if (!complete) create["error"] = status.value("stop_reason", "");
  return create;
}

/// Its parts are all files that are described, also those that lie elsewhere.
Json root_data(const RunFacts& facts, const Json& parts_of_root) {
  return {{"@id", "./"},
          {"@type", "Dataset"},
          {"name", "ptychographic reconstruction by tessera"},
          {"description", "Results of one run of tessera reconstruct, and how they were made"},
          {"datePublished", utc_now()},
          {"license", "not given: ask who has made the data"},
          {"conformsTo", reference("https://w3id.org/ro/wfrun/process/0.5")},
          {"author", reference("#user")},
          {"hasPart", parts_of_root},
          {"mentions", reference("#" + facts.run_id)}};
}

}  // namespace

std::string ro_crate(const RunFacts& facts, const std::string& directory, const std::string& status) {
  Json graph = Json::array(), results = Json::array(), inputs = Json::array(), files = Json::array();
  for (const Part& part : parts) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(directory + "/" + part.file, none)) continue;
    results.push_back(reference(part.file));
    files.push_back({{"@id", part.file},
                     {"@type", "File"},
                     {"name", part.file},
                     {"description", part.what},
                     {"encodingFormat", part.media_type}});
  }
  for (const InputFile& input : facts.inputs) {
    const Json file = input_file(input);
    if (std::find(inputs.begin(), inputs.end(), reference(file["@id"])) != inputs.end()) continue;
    inputs.push_back(reference(file["@id"]));
    files.push_back(file);
  }
  Json all = results;
  all.insert(all.end(), inputs.begin(), inputs.end());
  const Json end = Json::parse(status, nullptr, false);
  graph.push_back({{"@id", "ro-crate-metadata.json"},
                   {"@type", "CreativeWork"},
                   {"conformsTo", reference("https://w3id.org/ro/crate/1.1")},
                   {"about", reference("./")}});
  graph.push_back(root_data(facts, all));
  graph.push_back({{"@id", "https://w3id.org/ro/wfrun/process/0.5"},
                   {"@type", "CreativeWork"},
                   {"name", "Process Run Crate"},
                   {"version", "0.5"}});
  graph.push_back(action(facts, end.is_object() ? end : Json::object(), inputs, results));
  graph.push_back({{"@id", "#tessera"},
                   {"@type", "SoftwareApplication"},
                   {"name", "tessera"},
                   {"description", "electron ptychography on objects that are tiled over MPI ranks"},
                   {"softwareVersion", fmt::format("{} ({})", version, revision)}});
  graph.push_back({{"@id", "#user"}, {"@type", "Person"}, {"name", "who began the run"}});
  for (Json& file : files) graph.push_back(file);
  const Json crate{
      {"@context", {"https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"}},
      {"@graph", graph}};
  return crate.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tessera
