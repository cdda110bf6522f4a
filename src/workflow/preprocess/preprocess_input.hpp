#pragma once

#include <memory>
#include <vector>

#include "io/read_patterns.hpp"
#include "src/model/virtual_detectors.hpp"
#include "src/workflow/input/data_shape.hpp"
#include "src/workflow/input/valid_pixels.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/preprocess/rounds.hpp"

namespace tessera {

/// What is preprocessed, but its patterns: the same on every rank. O(patterns) memory: 24 bytes each.
struct PreprocessInput {
  DataShape stored;                   ///< of data.patterns
  Index ny = 0, nx = 0;               ///< of a pattern
  StoredType type = StoredType::f32;  ///< as which pixels are read
  std::vector<Index> scan;            ///< (N) or (Ry, Rx) of the patterns used
  std::vector<Index> patterns;        ///< [position] flat index in the dataset
  std::vector<PointYX> positions_A;   ///< [position] before scan.affine and scan.rotation_deg; empty: not known
  Index together = 1;                 ///< patterns that share chunks
  RawPixels pixels;                   ///< what data.mask and a sample say
  VirtualDetectors given_sums;        ///< preprocess.compress.detectors; without channels where none are given
  double largest = 0;                 ///< count in the sample
  double mean_electrons = 0;          ///< of a pattern in the sample

  Index count() const { return static_cast<Index>(patterns.size()); }
  Index pixel_count() const { return ny * nx; }
};

/// The reader of data.patterns (collective).
std::unique_ptr<PatternReader> open_patterns(const Comm& comm, const RunOptions& options);

/// Reads shapes, positions, mask and a sample of the patterns (collective). InputError as reconstruct says it.
PreprocessInput load_input(const Comm& comm, const RunOptions& options, const PatternReader& reader);

/// Goes through the patterns once, in rounds (collective): `use` is given each pattern's position and raw bytes, in any
/// order within a round; `begin` and `done`, where there are, are told of the stretch of this rank before and after.
struct StreamHooks {
  std::function<void(const Stretch& round)> begin;
  std::function<void(Index position, const std::byte* raw)> use;
  std::function<void(const Stretch& round)> done;
};
void stream_patterns(const Comm& comm, PatternReader& reader, const PreprocessInput& input, const RoundPlan& plan,
                     const StreamHooks& hooks);

}  // namespace tessera
