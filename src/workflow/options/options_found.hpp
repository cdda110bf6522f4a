#pragma once

#include <string>
#include <vector>

#include "src/base/error.hpp"
#include "src/workflow/options/yaml_file.hpp"

namespace tessera {

/// What the metadata of data.file say of one key: its value as YAML, and where it stands.
struct FoundKey {
  std::string key;
  std::string text;
  std::string place;  ///< "file: scan.xml: iom_measurements/high_voltage, V"
};

/// What data.file says; the same on every rank.
struct FoundInFile {
  std::vector<FoundKey> keys = {};
  std::vector<std::string> notes = {};     ///< what else is worth telling
  std::vector<std::string> warnings = {};  ///< what may be wrong
  std::string failure = {};                ///< why it could not be looked at; empty: it could, or there is none
  ExitCode failure_code = ExitCode::data_wrong;
};

/// Fills keys that the run file and --set leave out with what was found; a key that is given, even as null, stays. Of
/// keys that exclude one another only the first found is taken, and none where one of them is given.
void fill_found(YamlNode& root, const FoundInFile& found);

}  // namespace tessera
