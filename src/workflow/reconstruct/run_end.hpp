#pragma once

#include <memory>
#include <string>

#include "src/workflow/options/run_options.hpp"
#include "src/workflow/provenance/run_facts.hpp"
#include "src/workflow/start/run_record.hpp"

namespace tessera {

/// The GPU that this rank would take; empty where it takes none.
std::string gpu_in_words(const Comm& comm, const RunOptions& options);

/// When the run ends, its report and what crates of research objects want to know are written. `facts` null: a run that
/// ends before they are known has no crate.
void show_at_end(const RunOptions& options, const std::shared_ptr<const RunFacts>& facts, RunRecord& record);

}  // namespace tessera
