#pragma once

#include <optional>

#include "io/experiment_entry.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// The sample of a run file and of the lab notebook that it names; nothing where neither says anything. What is missing
/// or no element or time is an InputError. `start_time` stands for a measurement's that is not told.
std::optional<SampleEntry> sample_entry(const SampleOptions& options, const std::string& start_time);

}  // namespace tessera
