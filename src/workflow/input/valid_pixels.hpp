#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/stored_type.hpp"
#include "src/workflow/input/experiment.hpp"
#include "src/workflow/input/pattern_facts.hpp"

namespace tessera {

/// The value with which detectors mark pixels that do not count: the largest of unsigned integers of 16 and more bits.
/// 0: the type has none (8 bits count that far, and floats are never full).
double full_value(StoredType type);

/// What is known of the pixels of a raw pattern before patterns are read, the same on every rank.
struct RawPixels {
  std::vector<double> valid;          ///< [ky, kx] 1 or 0: data.mask, less those that are always full
  std::vector<Index> full;            ///< pixels that hold full_value in every pattern looked at, and are not masked
  Index looked_at = 0;                ///< the pattern in which they were seen
  std::optional<PatternFacts> facts;  ///< on root: what the patterns looked at say by the valid pixels
  std::vector<std::string> warnings;  ///< about mask and counts
};

/// Root reads data.mask and looks at a sample of the patterns, see `read_sample` (collective). Nothing of recorded
/// channels, which have no pixels. InputError where the
/// mask is none.
RawPixels raw_pixels(const Comm& comm, const RunOptions& options, const Experiment& experiment);

/// Why values can hardly be counts, for the user; empty when all is well. Of patterns [n, pixel] in the file's numbers,
/// by their `valid` pixels: no pixel reaches one electron, or they are roots or logarithms.
std::vector<std::string> doubtful_counts(std::span<const double> patterns, std::span<const double> valid,
                                         double counts_per_electron);

}  // namespace tessera
