#pragma once

#include <string>
#include <vector>

#include "io/h5.hpp"

namespace tessera {

/// Elements of a dataset: along each axis `count` of them, from `start` on, `step` apart.
struct Part {
  std::vector<Index> start, step, count;
};
Part whole_of(const std::vector<Index>& shape);

/// HDF5 gives a fill value, as a rule zero, for what was never written, and says nothing: chunks that do not exist,
/// sources of a virtual dataset, and external files, that are missing or too short. All of them are InputErrors here,
/// when an element of `part` lies in them: data_missing for a file or a source, which is named, otherwise data_wrong.
/// What a file writes at once when it makes a dataset, zeros for instance, cannot be told from counts.
/// Serial. Cost: one look-up in the index for each chunk of the part (half a microsecond on a local disk; that part of
/// the index is read, no data), and each source is opened once.
void require_written(const H5Id& dataset, const std::string& file, const std::string& name, const Part& part);
void require_written(const std::string& file, const std::string& name, const Part& part);

}  // namespace tessera
