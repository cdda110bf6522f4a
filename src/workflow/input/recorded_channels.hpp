#pragma once

#include <span>
#include <vector>

#include "src/model/virtual_detectors.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/input/data_shape.hpp"

namespace tessera {

/// detector.virtual as given: sums over the pixels of a raw pattern. The same on every rank: the memory of all sets,
/// and 8 bytes a position where there are several.
struct RecordedChannels {
  VirtualSets sets;           ///< over [raw_ny, raw_nx]; null: pixels are recorded
  std::vector<Index> set_of;  ///< [position]; empty where there is one set
  Index raw_ny = 0, raw_nx = 0;
  bool in_file = false;  ///< the data are channels already, not patterns

  Index count() const { return sets ? sets->front().channels : 0; }
  std::size_t bytes() const;
  /// The sets of this rank's positions; empty where there is one set.
  std::vector<Index> sets_of(std::span<const Index> mine) const;
};

/// Root's part, for data.patterns of this shape: the detectors, and whether the data are patterns or channels.
/// InputError where shapes do not belong together, or leave it open what the data are.
RecordedChannels read_channels(const RunOptions& options, const std::vector<Index>& data_shape);

/// Root's part: the set of each position that is used.
void read_sets_used(const RunOptions& options, const DataShape& data, std::span<const Index> pattern_index,
                    RecordedChannels& channels);

void broadcast(const Comm& comm, RecordedChannels& channels);

/// The detectors over the pixels that the model has: `map` [pixel] to the raw pixel or -1, weight 0 where `valid` is.
/// InputError for a channel that then counts nothing; for channels of a file also where one counted a pixel that the
/// model lacks, and for negative weights unless loss.kind is weighted.
VirtualSets turned_detectors(const RunOptions& options, const RecordedChannels& channels, std::span<const Index> map,
                             std::span<const double> valid);

/// Whether any weight is negative.
bool has_negative(const VirtualSets& sets);

}  // namespace tessera
