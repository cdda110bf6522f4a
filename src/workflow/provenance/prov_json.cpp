#include <filesystem>
#include <nlohmann/json.hpp>

#include "src/base/version.hpp"
#include "src/workflow/provenance/run_facts.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

/// "prov:SoftwareAgent" as a name, not a text.
Json name(const char* qualified) { return {{"$", qualified}, {"type", "prov:QUALIFIED_NAME"}}; }

Json input_entity(const InputFile& input, bool reproducible) {
  Json entity{{"prov:label", input.key},
              {"tessera:file", std::filesystem::path(input.path).filename().string()},
              {"tessera:bytes", input.bytes}};
  if (input.files > 1) entity["tessera:files"] = input.files;
  if (!reproducible) {
    entity["tessera:path"] = input.path;
    entity["tessera:modified"] = input.modified;
  }
  if (!input.hash.empty()) entity["tessera:" + input.hash_name] = input.hash;
  if (!input.parent_run.empty()) entity["tessera:run_id"] = input.parent_run;
  return entity;
}

Json activity(const RunFacts& facts, const std::string& end_time) {
  Json run{{"tessera:run_id", facts.run_id}, {"tessera:seed", facts.seed}, {"tessera:ranks", facts.ranks}};
  if (facts.reproducible) return run;
  run["prov:startTime"] = facts.start_time;
  if (!end_time.empty()) run["prov:endTime"] = end_time;
  run["tessera:threads"] = facts.threads;
  run["tessera:command"] = facts.command;
  run["tessera:folder"] = facts.folder;
  for (std::size_t rank = 0; rank < facts.hosts.size(); ++rank)
    run[fmt::format("tessera:rank_{}", rank)] = facts.hosts[rank];
  for (const auto& [variable, value] : facts.surroundings) run["tessera:" + variable] = value;
  return run;
}

}  // namespace

std::string prov_json(const RunFacts& facts, const std::string& end_time) {
  Json prov{{"prefix", {{"tessera", "urn:tessera:"}, {"run", "urn:uuid:" + facts.run_id + "#"}}}};
  Json entities;
  const std::string run = "run:" + facts.activity;
  entities["run:result"] = {{"prov:label", facts.product}};
  entities["run:configuration"] = {{"prov:label", "resolved.yaml"}, {"tessera:sha256", facts.config_hash}};
  prov["activity"] = {{run, activity(facts, end_time)}};
  Json program{{"prov:type", name("prov:SoftwareAgent")},
               {"prov:label", "tessera"},
               {"tessera:version", version},
               {"tessera:revision", revision},
               {"tessera:compiler", compiler}};
  for (std::size_t i = 0; i < facts.versions.size(); ++i)
    program[fmt::format("tessera:versions_{}", i)] = facts.versions[i];
  prov["agent"] = {{"run:program", program}};
  Json used{{"_:config", {{"prov:activity", run}, {"prov:entity", "run:configuration"}}}};
  Json derived;
  for (std::size_t i = 0; i < facts.inputs.size(); ++i) {
    const std::string id = fmt::format("run:input_{}", i);
    entities[id] = input_entity(facts.inputs[i], facts.reproducible);
    used[fmt::format("_:used_{}", i)] = {{"prov:activity", run}, {"prov:entity", id}};
    derived[fmt::format("_:derived_{}", i)] = {{"prov:generatedEntity", "run:result"}, {"prov:usedEntity", id}};
  }
  prov["entity"] = entities;
  prov["used"] = used;
  prov["wasGeneratedBy"] = {{"_:made", {{"prov:entity", "run:result"}, {"prov:activity", run}}}};
  prov["wasAssociatedWith"] = {{"_:by", {{"prov:activity", run}, {"prov:agent", "run:program"}}}};
  prov["wasDerivedFrom"] = derived;
  return prov.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tessera
