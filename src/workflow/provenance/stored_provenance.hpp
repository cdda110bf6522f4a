#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tessera {

/// The PROV-JSON that a result of this program holds; null where the file is none, or cannot be read.
nlohmann::ordered_json stored_provenance(const std::string& file);

/// The run of such a document; empty where it names none.
std::string run_id_of(const nlohmann::ordered_json& provenance);

}  // namespace tessera
