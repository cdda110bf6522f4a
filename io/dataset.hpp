#pragma once

#include <complex>
#include <memory>
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

struct ListedDataset {
  std::string path;
  DatasetInfo info;
};

struct FileListing {
  std::vector<ListedDataset> datasets;
  bool left_out = false;  ///< there is more: groups too deep, or more than 20,000 datasets and groups
};

class H5Id;

/// An HDF5 file that stays open while one rank asks for what is in it: opening one costs far more than an attribute. A
/// file that is missing or something else is an InputError. While it is open, whoever opens it again in this process
/// shares what HDF5 knows of it.
class OpenFile {
 public:
  explicit OpenFile(std::string name);

  const std::string& name() const { return name_; }
  /// Every dataset that the file's links lead to, group by group; soft and external links to datasets count, broken
  /// ones do not. Bounded in depth and number, as a file may be anything.
  FileListing list() const;
  bool has(const std::string& dataset) const;
  /// A missing dataset is an InputError that lists what is there, nearest names first.
  DatasetInfo info(const std::string& dataset) const;
  /// A whole dataset of integers or floats of any size and byte order, or of h5py's booleans (0 and 1), in C order.
  /// Like every reader here, throws InputError where a part of it was never written (io/written.hpp).
  std::vector<double> real(const std::string& dataset) const;
  /// Throws InputError where a part of the dataset was never written.
  void require_whole(const std::string& dataset) const;
  /// A whole dataset of complex numbers {r, i} in C order; real ones are taken with a zero imaginary part.
  std::vector<std::complex<double>> complex(const std::string& dataset) const;
  /// A dataset of one text of fixed or variable length, of at most 16 MiB; nothing when it is absent or something else.
  std::optional<std::string> text(const std::string& dataset) const;
  /// A numeric attribute of a group or dataset (a scalar gives one value); nothing when it is absent or not numeric.
  std::optional<std::vector<double>> attribute(const std::string& object_path, const std::string& name) const;
  /// A text attribute, of one text; nothing when it is absent or something else.
  std::optional<std::string> text_attribute(const std::string& object_path, const std::string& name) const;

 private:
  std::string name_;
  std::shared_ptr<const H5Id> file_;
};

// The same of a file that is opened for one question. Serial: any one rank may ask.
DatasetInfo dataset_info(const std::string& file, const std::string& dataset);
bool dataset_exists(const std::string& file, const std::string& dataset);
std::vector<double> read_real(const std::string& file, const std::string& dataset);
std::vector<std::complex<double>> read_complex(const std::string& file, const std::string& dataset);
std::optional<std::vector<double>> read_attribute(const std::string& file, const std::string& object_path,
                                                  const std::string& name);
std::optional<std::string> read_text_attribute(const std::string& file, const std::string& object_path,
                                               const std::string& name);

}  // namespace tessera
