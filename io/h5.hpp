#pragma once

#include <hdf5.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/stored_type.hpp"
#include "src/base/error.hpp"

namespace tessera {

/// Owns one HDF5 identifier and closes it with the function it came with. Move-only.
class H5Id {
 public:
  using Closer = herr_t (*)(hid_t);

  H5Id() = default;
  H5Id(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  H5Id(H5Id&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  H5Id& operator=(H5Id&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = std::exchange(other.id_, -1);
      closer_ = other.closer_;
    }
    return *this;
  }
  H5Id(const H5Id&) = delete;
  H5Id& operator=(const H5Id&) = delete;
  ~H5Id() { reset(); }

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  void reset() {
    if (id_ >= 0) closer_(id_);
    id_ = -1;
  }
  /// Closes and tells whether that worked: closing a file writes.
  bool close() {
    const hid_t id = std::exchange(id_, -1);
    return id < 0 || closer_(id) >= 0;
  }
  /// Gives the identifier up without closing it.
  hid_t release() { return std::exchange(id_, -1); }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// Switches off HDF5's own printing of errors: ours carry its reason. Every function that opens a file calls it.
void silence_h5();

/// The innermost message on HDF5's error stack, such as "unable to open file"; asked right after the failed call.
std::string h5_reason();

/// Returns the identifier, or throws SystemError(code) with `what` and HDF5's reason when it is invalid.
H5Id checked(hid_t id, H5Id::Closer closer, const std::string& what, ExitCode code = ExitCode::data_wrong);
/// Throws SystemError(code) with `what` and HDF5's reason when an HDF5 call failed.
void check_h5(herr_t result, const std::string& what, ExitCode code = ExitCode::data_wrong);

/// Opens a file for reading with the default driver (works with external links and virtual datasets). Throws
/// InputError data_missing when it cannot be opened by the system, data_wrong when it is not HDF5.
H5Id open_file_read(const std::string& file);
/// Opens a dataset; a missing one is an InputError that lists what is there, nearest names first.
H5Id open_dataset(hid_t file_id, const std::string& file, const std::string& dataset);

/// What the links of a file lead to, as paths, group by group in the order of their names; broken links are left out.
struct Names {
  std::vector<std::string> datasets;
  std::vector<std::string> groups;
  std::size_t left_out = 0;  ///< groups too deep to be looked into
};
/// Each group is looked into once, and those more than 64 deep not at all, so that neither rings nor depth cost much.
/// Ends when `most` have been found.
Names names_in(hid_t file_id, std::size_t most = 1'000'000);

/// The datatype of one element in memory.
H5Id memory_datatype(StoredType type);
/// The same for elements of a datatype in a file: HDF5 finds the parts of complex numbers by their names, which are
/// {r, i} as h5py writes them, or {real, imag} as MATLAB does.
H5Id memory_datatype_like(hid_t datatype, StoredType type);
/// What the elements of an open dataset or attribute type are.
StoredType stored_type_of(hid_t datatype);
/// Whether HDF5 converts the type to real numbers: integers and floats of any size and byte order.
bool is_numeric(hid_t datatype);
/// Whether the type is the one of true and false that h5py writes: an enumeration of FALSE = 0 and TRUE = 1.
bool is_boolean(hid_t datatype);
/// How many filters the chunks of a dataset went through. InputError that names the first which HDF5 cannot find here.
int require_filters(const H5Id& dataset, const std::string& name);
/// Extents of a dataspace; none for a scalar, (0) for one that holds nothing. Throws InputError beyond 2^63.
std::vector<Index> extents_of(hid_t space);
std::vector<hsize_t> as_hsize(std::span<const Index> values);
/// A dataspace of this shape; a scalar when the shape is empty.
H5Id make_space(std::span<const Index> shape);

}  // namespace tessera
