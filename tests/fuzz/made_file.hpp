#pragma once

#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <functional>
#include <string>
#include <vector>

namespace tessera::fuzz {

/// An HDF5 file whose datasets' shapes, types, layouts, chunks, filters, fill values, sources, missing parts and
/// attributes come from the fuzzer's bytes; it goes with the object.
class MadeFile {
 public:
  explicit MadeFile(const std::string& name);
  ~MadeFile();
  MadeFile(const MadeFile&) = delete;
  MadeFile& operator=(const MadeFile&) = delete;

  const std::string& path() const { return path_; }
  /// A dataset at `place`, whose groups are made. Often of one of the shapes that the program expects there; its
  /// virtual sources, if it has any, are those added before it, itself, or missing.
  void add(FuzzedDataProvider& bytes, const std::string& place, const std::vector<std::vector<hsize_t>>& likely);
  /// A list of pixels for each of a few frames, as variable-length integers.
  void add_lists(FuzzedDataProvider& bytes, const std::string& place);
  /// An attribute that is this text, of any length.
  void text(const std::string& place, const std::string& name, const std::string& value);
  /// A numeric, text or empty attribute.
  void attribute(FuzzedDataProvider& bytes, const std::string& place, const std::string& name);
  /// The file is complete. From now on it is open for reading, so that the program's own openings, of which a run makes
  /// a dozen, share it: HDF5 allocates half a MiB for each file that is not.
  void finish();

 private:
  void write(FuzzedDataProvider& bytes, hid_t dataset, hid_t type, const std::vector<hsize_t>& shape);

  std::string path_;
  hid_t file_;
  std::vector<std::string> places_;
};

/// Runs `step` as `survives` does, and ends the program where it leaves something of HDF5 open, which no leak checker
/// sees.
void survives_closed(const std::function<void()>& step);

}  // namespace tessera::fuzz
