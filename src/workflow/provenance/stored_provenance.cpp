#include "src/workflow/provenance/stored_provenance.hpp"

#include "io/dataset.hpp"
#include "src/base/error.hpp"

namespace tessera {

nlohmann::ordered_json stored_provenance(const std::string& file) {
  try {
    const auto text = OpenFile(file).text("/reconstruction/process/provenance/data");
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(text.value_or(""), nullptr, false);
    return json.is_object() ? json : nlohmann::ordered_json();
  } catch (const Error&) {
    return nullptr;  // whatever it is, no result says where it comes from
  }
}

std::string run_id_of(const nlohmann::ordered_json& provenance) {
  if (!provenance.is_object() || !provenance.contains("activity") || !provenance["activity"].is_object()) return "";
  for (const auto& [name, activity] : provenance["activity"].items())
    if (activity.is_object() && activity.contains("tessera:run_id") && activity["tessera:run_id"].is_string())
      return activity["tessera:run_id"].get<std::string>();
  return "";
}

}  // namespace tessera
