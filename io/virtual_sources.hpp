#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/written.hpp"

namespace tessera {

/// What a virtual dataset is made of. Holds identifiers of an open dataset, which must outlive it.
class VirtualMap {
 public:
  struct Source {
    std::string named;  ///< as the dataset names its file
    std::string file;   ///< where HDF5 finds it; empty: nowhere
    std::string dataset;
    Part part;  ///< the box of its elements that is wanted; empty where that is not known
  };

  VirtualMap(const H5Id& dataset, std::string file, std::string name);

  /// Calls `use` for each source of the part, blocks of a source whose name counts ("part%b.h5") one by one, and
  /// returns the share of the part for which a source is named (1 where that is not known: growing sources).
  double each_source(const Part& part, const std::function<void(const Source&)>& use) const;

 private:
  Source source_at(std::size_t mapping) const;
  std::string find_file(const std::string& named) const;
  void each_block(const H5Id& place, const Part& part, const Source& source,
                  const std::function<void(const Source&)>& use) const;

  H5Id creation_;
  std::string file_, name_, prefix_;
  std::vector<Index> shape_;
};

/// `name` with %b replaced by a number and %% by %; the same text where it has none.
std::string counted_name(const std::string& name, Index number);

}  // namespace tessera
