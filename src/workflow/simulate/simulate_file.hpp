#pragma once

#include <span>
#include <vector>

#include "io/plain_writer.hpp"
#include "src/workflow/options/run_options.hpp"
#include "src/workflow/simulate/simulate_setup.hpp"
#include "src/workflow/simulate/simulate_specimen.hpp"

namespace tessera {

/// The file of a simulation: /data [Ry, Rx, Ky, Kx] counts, /positions_A [N, 2], /truth/phase_rad [y, x],
/// /truth/slice_phase_rad [slice, y, x] and /truth/probe [mode, y, x], centred. All calls are collective.
class SimulationFile {
 public:
  /// Makes the datasets and writes positions, probe and attributes. `existing`: what becomes of a file of this name.
  SimulationFile(const Comm& comm, const RunOptions& options, const SimulationSetup& setup, const ObjectFrame& truth,
                 std::span<const double> gaps_A, Existing existing);

  /// Evaluates the specimen on this rank's part of the truth's frame, slice by slice.
  void write_truth(const Specimen& specimen, const FrameBox& mine);
  /// The patterns [n, ky, kx] of positions `indices`, increasing; rounded to counts when there is noise.
  void write_patterns(std::span<const Index> indices, std::span<const double> electrons);
  void commit() { writer_->commit(); }

 private:
  enum Dataset : std::size_t { data, positions, probe, phase, slice_phase, true_positions, dose, descan };
  /// What root knows of all positions.
  void write_scan(const Comm& comm, const SimulationSetup& setup);
  template <class Stored>
  void write_as(std::span<const Index> indices, std::span<const double> electrons);

  StoredType type_;
  Index row_;  ///< scan positions in a row
  Index ky_, kx_;
  std::unique_ptr<PlainWriter> writer_;
};

}  // namespace tessera
