#pragma once

#include <array>
#include <optional>
#include <string>

#include "src/workflow/options/options.hpp"

namespace tessera {

/// The names beside preprocess.output: "ready.h5", "ready.yaml", "ready_steps", "ready_result".
struct OutputNames {
  std::string file, run_file, steps, result;
};
OutputNames output_names(const std::string& output);

/// InputError where an output is what the run reads, which would be lost with --force. Root only.
void refuse_inputs(const RunOptions& options, const OutputNames& names, const std::string& run_file);

/// What a reconstruction must know of the file.
struct WrittenFacts {
  std::string dataset, detectors;  ///< names in the file; empty detectors: pixels are kept
  bool weighted = false;           ///< channels share pixels
  bool masked = false;             ///< some pixel is bad
  bool positions = false;
  double counts_per_electron = 1;
  std::optional<std::array<double, 4>> affine;
};

/// The keys of a run file that have become others.
RunFileChanges run_file_changes(const RunOptions& options, const OutputNames& names, const WrittenFacts& facts);

}  // namespace tessera
