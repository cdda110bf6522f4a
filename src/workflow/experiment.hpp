#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/read_patterns.hpp"
#include "src/geometry/tiling.hpp"
#include "src/model/data_term.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/run_options.hpp"

namespace tessera {

/// Where each pixel of a window in FFT order comes from in a raw pattern: an index into [ky, kx], or -1 where the
/// detector does not reach. Applies flips, transpose and centre (design: flips are about the centre pixel).
std::vector<Index> orientation_map(const DetectorOptions& detector, Index raw_ny, Index raw_nx);

/// What is known of a measurement but its patterns: the same on every rank. O(positions) memory: 50 bytes each.
struct Experiment {
  double wavelength_A = 0;
  Index raw_ny = 0, raw_nx = 0;      ///< of a pattern in the file
  Grid window;                       ///< ny x nx in the final orientation
  std::vector<PointYX> positions_A;  ///< of those used
  std::vector<Index> pattern_index;  ///< [position] flat index of its pattern in the dataset
  ObjectFrame frame;
  std::vector<Placement> placements;  ///< [position]
};

/// Reads shapes and positions (collective; root reads, all agree on what is wrong).
Experiment load_experiment(const Comm& comm, const RunOptions& options);

/// This rank's patterns in the order of `mine` (positions), turned into FFT order, checked for negative and undefined
/// counts (collective). `mean_electrons` per pattern over all ranks.
struct LoadedPatterns {
  Measurement measurement;
  double mean_electrons = 0;
  ReadCost read_cost;          ///< of all ranks
  std::size_t peak_bytes = 0;  ///< what this rank held while it read, its patterns included
};
LoadedPatterns load_patterns(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                             const std::vector<Index>& mine, DeviceKind device);

/// Why more than half as much again was read as is needed, for the user; nothing when that is not so.
std::optional<std::string> read_warning(const ReadCost& cost, const std::string& dataset);

}  // namespace tessera
