#include "src/workflow/options/options_found.hpp"

#include <algorithm>
#include <array>

namespace tessera {

namespace {

using Group = std::vector<std::string>;

/// Keys of which one is enough.
const std::array<Group, 3>& groups() {
  static const std::array<Group, 3> all{
      {{"beam.energy_keV", "beam.wavelength_A"},
       {"detector.pixel_mrad", "detector.pixel_invA", "detector.bright_field_radius_px"},
       {"data.positions", "scan.step_A"}}};
  return all;
}

bool is_given(const YamlNode& root, const std::string& key) {
  const YamlNode* node = find_yaml(root, key);
  return node != nullptr && !node->is_null();
}

/// Whether the sections above a key are sections, or not there; what else stands there is refused with all keys.
bool has_room(const YamlNode& root, const std::string& key) {
  for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1)) {
    const YamlNode* section = find_yaml(root, key.substr(0, dot));
    if (section != nullptr && !section->is_null() && section->kind != YamlNode::Kind::map) return false;
  }
  return true;
}

/// Whether another key of its group says the same.
bool is_told_otherwise(const YamlNode& root, const std::string& key) {
  return std::ranges::any_of(groups(), [&](const Group& group) {
    return std::ranges::count(group, key) > 0 &&
           std::ranges::any_of(group, [&](const std::string& other) { return is_given(root, other); });
  });
}

}  // namespace

void fill_found(YamlNode& root, const FoundInFile& found) {
  for (const FoundKey& key : found.keys)
    if (find_yaml(root, key.key) == nullptr && has_room(root, key.key) && !is_told_otherwise(root, key.key))
      put_yaml(root, key.key, parse_yaml_value(key.text, key.place, key.key), key.place);
}

}  // namespace tessera
