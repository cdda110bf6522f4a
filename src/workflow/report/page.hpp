#pragma once

#include <optional>
#include <string>

#include "src/workflow/report/run_files.hpp"

namespace tessera {

/// The report of a run as one HTML page that needs nothing else: pictures and style are part of it. Well-formed as XML,
/// readable without its program, on screen and paper. With `refresh_s` a browser loads it anew that
/// often, and slices are as the run has drawn them: a page of a run that goes on reads no large files.
std::string report_page(const RunFiles& files, std::optional<int> refresh_s = {});

}  // namespace tessera
