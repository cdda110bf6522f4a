#pragma once

#include <string>
#include <vector>

#include "io/sources/source.hpp"
#include "src/geometry/tiling.hpp"
#include "src/model/detector_setup.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/input/recorded_channels.hpp"
#include "src/workflow/options/run_options.hpp"

namespace tessera {

/// Where each pixel of a window in FFT order comes from in a raw pattern: an index into [ky, kx], or -1 where the
/// detector does not reach. Applies flips, transpose and centre (design: flips are about the centre pixel).
std::vector<Index> orientation_map(const DetectorOptions& detector, Index raw_ny, Index raw_nx);

/// What is known of a measurement but its patterns: the same on every rank. O(positions) memory: 50 bytes each.
struct Experiment {
  double wavelength_A = 0;
  SourceDescription source;               ///< where the patterns are
  SourceFacts facts;                      ///< on root: what else the file says
  DataShape shape;                        ///< of data.patterns
  Index raw_ny = 0, raw_nx = 0;           ///< of a pattern in the file, or of one before it was compressed
  Index pixels_ny = 0, pixels_nx = 0;     ///< of a pattern in the final orientation, before pixels are summed
  DetectorAxis rows, columns;             ///< how the window becomes what is compared; empty: one to one
  Grid window;                            ///< on which waves run: the extent 1/dq, the detector's pixels or finer ones
  std::vector<PointYX> positions_A;       ///< of those used
  std::vector<Index> pattern_index;       ///< [position] flat index of its pattern in the dataset
  Index scan_rows = 0, scan_columns = 0;  ///< of patterns (Ry, Rx, Ky, Kx); 0: the scan has no lines
  ObjectFrame frame;
  std::vector<Placement> placements;  ///< [position]
  RecordedChannels channels;          ///< where not pixels are recorded
};

/// Reads shapes and positions (collective; root reads, all agree on what is wrong).
Experiment load_experiment(const Comm& comm, const RunOptions& options);

}  // namespace tessera
