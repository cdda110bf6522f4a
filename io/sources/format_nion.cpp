#include <nlohmann/json.hpp>

#include "io/sources/formats.hpp"
#include "io/sources/unit_words.hpp"

namespace tessera {

namespace {

using Json = nlohmann::json;

/// The first number of this name, however deep.
const Json* find_number(const Json& node, const std::string& name) {
  if (node.is_object()) {
    const auto found = node.find(name);
    if (found != node.end() && found->is_number()) return &*found;
  }
  if (!node.is_structured()) return nullptr;
  for (const Json& child : node)
    if (const Json* found = find_number(child, name)) return found;
  return nullptr;
}

struct Calibration {
  double scale = 0;
  std::string units;
};

std::vector<Calibration> calibrations(const Json& item) {
  std::vector<Calibration> found;
  for (const char* name : {"dimensional_calibrations", "spatial_calibrations"}) {
    if (!item.contains(name) || !item[name].is_array()) continue;
    for (const Json& axis : item[name]) {
      Calibration calibration;
      if (axis.is_object() && axis.contains("scale") && axis["scale"].is_number()) calibration.scale = axis["scale"];
      if (axis.is_object() && axis.contains("units") && axis["units"].is_string()) calibration.units = axis["units"];
      found.push_back(calibration);
    }
    break;
  }
  return found;
}

}  // namespace

void add_nion_facts(const std::string& json, const std::string& where, SourceFacts& facts) {
  // What is too deep to be walked is left out.
  constexpr int deepest = 64;
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth < deepest; };
  const Json root = Json::parse(json, shallow, false);
  if (!root.is_object()) {
    facts.warnings.push_back(where + ": is no JSON that can be read, and is not used");
    return;
  }
  // A data item in a library keeps its data's description one level down.
  const Json& item = root.contains("properties") && root["properties"].is_object() ? root["properties"] : root;
  const std::vector<Calibration> axes = calibrations(item);
  const std::size_t n = axes.size();
  if (n >= 3) {
    add_pixel(facts, axes[n - 2].scale, axes[n - 1].scale, axes[n - 1].units, where + ": dimensional_calibrations");
    if (n >= 4)
      add_step(facts, axes[n - 4].scale, axes[n - 3].scale, axes[n - 3].units, where + ": dimensional_calibrations");
  }
  for (const char* name : {"high_tension", "high_tension_v", "EHT"})
    if (const Json* volts = find_number(item, name)) {
      constexpr double volts_per_keV = 1000;
      facts.add(Quantity::energy_keV, {volts->get<double>() / volts_per_keV}, fmt::format("{}: {}, V", where, name));
    }
}

}  // namespace tessera
