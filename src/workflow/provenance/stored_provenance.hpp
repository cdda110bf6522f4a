#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tessera {

/// Where data of `tessera preprocess` hold what a result holds under /reconstruction/process.
struct DataProvenance {
  static constexpr const char* prov_json = "/provenance/prov_json";
  static constexpr const char* config_yaml = "/provenance/config_yaml";
};

/// The PROV-JSON that a result of this program holds, or data that it preprocessed; null where the file is neither, or
/// cannot be read.
nlohmann::ordered_json stored_provenance(const std::string& file);

/// The resolved run file that such a file holds; empty where there is none.
std::string stored_run_file(const std::string& file);

/// The run of such a document; empty where it names none.
std::string run_id_of(const nlohmann::ordered_json& provenance);

}  // namespace tessera
