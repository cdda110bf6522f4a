#pragma once

#include <string>

namespace tessera {

/// A dataset in an HDF5 file; the path of the file is already resolved against the run file's folder.
struct DatasetRef {
  std::string file;
  std::string dataset;
};

}  // namespace tessera
