#pragma once

#include <functional>
#include <span>
#include <string>

#include "io/h5.hpp"
#include "io/text_file.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// A new HDF5 file that all ranks fill together. Root describes it (groups, attributes, empty datasets) with the
/// default driver under a temporary name; then all ranks write through MPI-IO; `commit` gives it its name. Every
/// function is collective and every failure is the same error on all ranks, after which the temporary file is gone.
class ParallelFile {
 public:
  /// `data_bytes`: what the datasets will take, checked against the free space first.
  ParallelFile(const Comm& comm, std::string path, Index data_bytes, const std::function<void(hid_t)>& describe,
               Existing existing);
  ~ParallelFile() { abandon(); }
  ParallelFile(const ParallelFile&) = delete;
  ParallelFile& operator=(const ParallelFile&) = delete;

  /// Writes this rank's blocks (none, one or several) of a dataset; blocks of different ranks must not overlap.
  void write(const std::string& dataset, StoredType type, std::span<const Index> shape,
             std::span<const LocalBlock> blocks);
  /// Adds this rank's numbers behind those of the ranks before it to a list that has `length` of them; returns how many
  /// it then has. Cost: O(ranks).
  Index append(const std::string& dataset, StoredType type, Index length, const void* numbers, Index count);
  /// Flushes, closes, syncs and renames. A file that is to be kept and came to be meanwhile is an error (cannot_create)
  /// that names the temporary file, which then stays.
  void commit();

 private:
  void create(const std::function<void(hid_t)>& describe);
  void open();
  H5Id open_dataset(const std::string& dataset) const;
  std::string cannot_be_written(const std::string& dataset) const;
  /// Removes the temporary file. A file that is still open in parallel stays so: closing it is collective, and after a
  /// failed write that might wait for ever.
  void abandon() noexcept;

  const Comm& comm_;
  std::string path_;
  std::string temporary_;  ///< root's, on every rank
  Existing existing_;
  Index needed_bytes_;
  H5Id file_;
  bool pending_ = false;  ///< the temporary file exists
};

}  // namespace tessera
