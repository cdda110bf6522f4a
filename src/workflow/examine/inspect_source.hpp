#pragma once

#include <string>
#include <vector>

#include "io/sources/source.hpp"
#include "src/workflow/examine/inspect_sampling.hpp"

namespace tessera {

/// Whether a file is a run file: its name ends in .yaml or .yml.
bool is_run_file(const std::string& file);

/// What the metadata of a source fill, key by key, and where each stands.
std::vector<std::string> describe_facts(const Source& source);

/// Fills what is not known yet with what the metadata say; patterns have ny x nx pixels.
void add_facts(const SourceFacts& facts, Calibration& calibration);

/// A source without datasets to list: format, frames, metadata, and the sampling of its first patterns.
std::string describe_source(const Source& source);

/// The data of a run file as they are read: the same, with what the run file says in the place of the metadata.
std::string describe_run_file(const std::string& run_file, const std::vector<std::string>& sets);

}  // namespace tessera
