#pragma once

#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <string>
#include <vector>

namespace tessera::fuzz {

/// An HDF5 file whose datasets' shapes, types, chunks, filters, fill values, missing chunks and attributes come from
/// the fuzzer's bytes; it goes with the object.
class MadeFile {
 public:
  explicit MadeFile(const std::string& name);
  ~MadeFile();
  MadeFile(const MadeFile&) = delete;
  MadeFile& operator=(const MadeFile&) = delete;

  const std::string& path() const { return path_; }
  /// A dataset at `place`, whose groups are made. Often of one of the shapes that the program expects there.
  void add(FuzzedDataProvider& bytes, const std::string& place, const std::vector<std::vector<hsize_t>>& likely);
  /// A numeric, text or empty attribute.
  void attribute(FuzzedDataProvider& bytes, const std::string& place, const std::string& name);
  void close();

 private:
  std::string path_;
  hid_t file_;
};

}  // namespace tessera::fuzz
