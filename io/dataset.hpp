#pragma once

#include <complex>
#include <optional>
#include <string>
#include <vector>

#include "io/stored_type.hpp"

namespace tessera {

/// What a dataset is, without its elements.
struct DatasetInfo {
  std::vector<Index> shape = {};
  StoredType type = StoredType::other;
  std::string type_name = {};     ///< also of what we never write: "int16", "text", ...
  bool numeric = false;           ///< integers or floats of any size and byte order
  bool contiguous = true;         ///< false for chunked (and perhaps compressed), virtual and compact storage
  std::vector<Index> chunk = {};  ///< extents of one chunk; empty unless chunked
};

/// Serial: any one rank may ask. A missing dataset is an InputError that lists what is there, nearest names first.
DatasetInfo dataset_info(const std::string& file, const std::string& dataset);

struct ListedDataset {
  std::string path;
  DatasetInfo info;
};

struct FileListing {
  std::vector<ListedDataset> datasets;
  bool left_out = false;  ///< there is more: groups too deep, or more than 20,000 datasets and groups
};

/// Every dataset that the file's links lead to, group by group; soft and external links to datasets count, broken ones
/// do not. Bounded in depth and number, as a file may be anything.
FileListing list_datasets(const std::string& file);

/// Whether the file has this dataset; a missing file is an InputError.
bool dataset_exists(const std::string& file, const std::string& dataset);

/// A whole dataset of integers or floats of any size and byte order, or of h5py's booleans (0 and 1), in C order. Like
/// every reader here, throws InputError where a part of it was never written (io/written.hpp).
std::vector<double> read_real(const std::string& file, const std::string& dataset);

/// A whole dataset of complex numbers {r, i} in C order; real ones are taken with a zero imaginary part.
std::vector<std::complex<double>> read_complex(const std::string& file, const std::string& dataset);

/// A numeric attribute of a group or dataset (a scalar gives one value); nothing when it is absent or not numeric.
std::optional<std::vector<double>> read_attribute(const std::string& file, const std::string& object_path,
                                                  const std::string& name);
/// A text attribute, of one text; nothing when it is absent or something else.
std::optional<std::string> read_text_attribute(const std::string& file, const std::string& object_path,
                                               const std::string& name);

}  // namespace tessera
