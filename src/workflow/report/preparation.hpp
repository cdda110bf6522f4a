#pragma once

#include <string>
#include <vector>

#include "src/workflow/report/run_files.hpp"

namespace tessera {

/// The steps of `tessera preprocess` that led to the data of a run file, from NAME_steps beside NAME.h5; empty where
/// they are not there, are older than the data, or tell of another file. Nothing of them is believed; sizes are
/// bounded.
std::vector<PreparationStep> read_preparation(const std::string& resolved_yaml);

/// Their table and pictures, as HTML; empty without any.
std::string preparation_html(const std::vector<PreparationStep>& steps);

}  // namespace tessera
