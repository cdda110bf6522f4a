#include "src/workflow/provenance/stored_provenance.hpp"

#include "io/dataset.hpp"
#include "src/base/error.hpp"

namespace tessera {

namespace {

/// The first of two texts that the file has; empty where it has none, or is no such file.
std::string text_of(const std::string& name, const char* of_result, const char* of_data) {
  try {
    const OpenFile file(name);
    const auto text = file.text(of_result);
    return text ? *text : file.text(of_data).value_or("");
  } catch (const Error&) {
    return "";  // whatever it is, it does not say where it comes from
  }
}

}  // namespace

nlohmann::ordered_json stored_provenance(const std::string& file) {
  const std::string text = text_of(file, "/reconstruction/process/provenance/data", DataProvenance::prov_json);
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, nullptr, false);
  return json.is_object() ? json : nlohmann::ordered_json();
}

std::string stored_run_file(const std::string& file) {
  return text_of(file, "/reconstruction/process/config_yaml/data", DataProvenance::config_yaml);
}

std::string run_id_of(const nlohmann::ordered_json& provenance) {
  if (!provenance.is_object() || !provenance.contains("activity") || !provenance["activity"].is_object()) return "";
  for (const auto& [name, activity] : provenance["activity"].items())
    if (activity.is_object() && activity.contains("tessera:run_id") && activity["tessera:run_id"].is_string())
      return activity["tessera:run_id"].get<std::string>();
  return "";
}

}  // namespace tessera
