#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/experiment_entry.hpp"
#include "io/stored_type.hpp"
#include "io/text_file.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// An axis of an array: coordinate i is start + i * step, in `units` ("angstrom", "" for an index).
struct Axis {
  std::string name;
  std::string units;
  double start = 0;
  double step = 1;
  Index length = 0;
};

/// One array of a result: /reconstruction/<name>/data with its axes beside it. Names must not contain one another.
struct OutputArray {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<Axis> axes;
  std::string units;
  std::string long_name;
  std::vector<LocalBlock> blocks;  ///< this rank's part
  NumericAttributes attributes;    ///< of the group: origin_A, pixel_size_A, ...
};

/// What describes the run; read on root only.
struct OutputHeader {
  std::string title;
  std::string start_time;  ///< ISO 8601
  std::string end_time;    ///< ISO 8601
  std::vector<std::pair<std::string, double>> metadata;
  Computation computation;
  std::optional<SampleEntry> sample;  ///< none: the result has no second entry
  std::string config_yaml;
  std::string provenance_json;
};

/// Writes one file that is valid EMD 1.0 and NeXus at once (collective; the layout is in io/README.md). All ranks give
/// the same names, types and axes. Readers see the old file or the complete new one, never a part; every failure is the
/// same error on all ranks (cannot_create or cannot_write) and leaves nothing behind. `existing`: see ParallelFile.
void write_result(const Comm& comm, const std::string& path, const OutputHeader& header,
                  std::span<const OutputArray> arrays, Existing existing = Existing::replace);

}  // namespace tessera
