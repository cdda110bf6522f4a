#include "io/h5.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/base/words.hpp"

namespace tessera {

namespace {

std::string last_part(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

struct Collection {
  Names names;
  std::size_t most;
};

herr_t collect_link(hid_t group, const char* name, const H5L_info_t*, void* data) {
  auto& [names, most] = *static_cast<Collection*>(data);
  if (names.datasets.size() + names.groups.size() >= most) return 1;
  H5O_info_t info;
  if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return 0;  // a broken link
  if (info.type == H5O_TYPE_DATASET) names.datasets.push_back(std::string("/") + name);
  if (info.type == H5O_TYPE_GROUP) names.groups.push_back(std::string("/") + name);
  return 0;
}

/// "/data/a, /data/b": what the file holds, nearest to the wanted path first.
std::string nearest_names(hid_t file_id, const std::string& wanted) {
  constexpr std::size_t shown = 8, enough = 5000;
  Names names = names_in(file_id, enough);
  auto& found = names.datasets.empty() ? names.groups : names.datasets;
  if (found.empty()) return "the file is empty";
  const auto distance = [&](const std::string& name) {
    return edit_distance(name, wanted) + edit_distance(last_part(name), last_part(wanted));
  };
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  std::string text = names.datasets.empty() ? "the file has no datasets, only groups: " : "the file has ";
  for (std::size_t i = 0; i < std::min(shown, found.size()); ++i) text += (i == 0 ? "" : ", ") + found[i];
  if (found.size() > shown) text += fmt::format(" and {} more", found.size() - shown);
  return text;
}

/// Whether every link of the path exists; HDF5 asks this link by link.
bool path_exists(hid_t file_id, const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (part != "/" && H5Lexists(file_id, part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

}  // namespace

void silence_h5() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::string h5_reason() {
  std::string reason;
  const auto keep_first = [](unsigned, const H5E_error2_t* error, void* data) -> herr_t {
    auto& text = *static_cast<std::string*>(data);
    if (text.empty() && error->desc != nullptr) text = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &reason);
  return reason.empty() ? "no reason given" : reason;
}

H5Id checked(hid_t id, H5Id::Closer closer, const std::string& what, ExitCode code) {
  if (id < 0) throw SystemError(code, fmt::format("{}: HDF5 says: {}", what, h5_reason()));
  return {id, closer};
}

void check_h5(herr_t result, const std::string& what, ExitCode code) {
  if (result < 0) throw SystemError(code, fmt::format("{}: HDF5 says: {}", what, h5_reason()));
}

H5Id open_file_read(const std::string& file) {
  silence_h5();
  if (access(file.c_str(), R_OK) != 0)
    throw InputError(ExitCode::data_missing,
                     fmt::format("{}: cannot be read ({}); correct the path", file, std::strerror(errno)));
  if (H5Fis_hdf5(file.c_str()) <= 0)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: is not an HDF5 file; convert it to HDF5", file));
  const H5Id access_list = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  // Read-only and network file systems often have no locks; reading does not need them.
  check_h5(H5Pset_file_locking(access_list.get(), true, true), "H5Pset_file_locking");
  return checked(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access_list.get()), H5Fclose, file + ": cannot be opened");
}

H5Id open_dataset(hid_t file_id, const std::string& file, const std::string& dataset) {
  const std::string path = dataset.starts_with('/') ? dataset : "/" + dataset;
  if (!path_exists(file_id, path))
    throw InputError(ExitCode::data_missing, fmt::format("{}: there is no dataset {}; {}. Name one of them", file, path,
                                                         nearest_names(file_id, path)));
  H5Id id(H5Dopen2(file_id, path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!id.valid()) {
    const std::string reason = h5_reason();
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} cannot be opened as a dataset ({}); {}", file, path,
                                                       reason, nearest_names(file_id, path)));
  }
  return id;
}

Names names_in(hid_t file_id, std::size_t most) {
  Collection found{{}, most};
  H5Lvisit(file_id, H5_INDEX_NAME, H5_ITER_INC, collect_link, &found);
  return found.names;
}

H5Id memory_datatype(StoredType type) {
  const auto copy = [](hid_t native) { return checked(H5Tcopy(native), H5Tclose, "H5Tcopy"); };
  const auto compound = [](hid_t part, std::size_t bytes) {
    H5Id id = checked(H5Tcreate(H5T_COMPOUND, 2 * bytes), H5Tclose, "H5Tcreate");
    check_h5(H5Tinsert(id.get(), "r", 0, part), "H5Tinsert");
    check_h5(H5Tinsert(id.get(), "i", bytes, part), "H5Tinsert");
    return id;
  };
  switch (type) {
    case StoredType::u8:
      return copy(H5T_NATIVE_UINT8);
    case StoredType::u16:
      return copy(H5T_NATIVE_UINT16);
    case StoredType::u32:
      return copy(H5T_NATIVE_UINT32);
    case StoredType::f32:
      return copy(H5T_NATIVE_FLOAT);
    case StoredType::f64:
      return copy(H5T_NATIVE_DOUBLE);
    case StoredType::complex64:
      return compound(H5T_NATIVE_FLOAT, sizeof(float));
    case StoredType::complex128:
      return compound(H5T_NATIVE_DOUBLE, sizeof(double));
    case StoredType::other:
      break;
  }
  throw Error(ExitCode::internal, "memory_datatype: a type that tessera never stores");
}

bool is_numeric(hid_t datatype) {
  const H5T_class_t kind = H5Tget_class(datatype);
  return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

StoredType stored_type_of(hid_t datatype) {
  const std::size_t bytes = H5Tget_size(datatype);
  switch (H5Tget_class(datatype)) {
    case H5T_INTEGER:
      if (H5Tget_sign(datatype) != H5T_SGN_NONE) return StoredType::other;
      return bytes == 1   ? StoredType::u8
             : bytes == 2 ? StoredType::u16
             : bytes == 4 ? StoredType::u32
                          : StoredType::other;
    case H5T_FLOAT:
      return bytes == 4 ? StoredType::f32 : bytes == 8 ? StoredType::f64 : StoredType::other;
    case H5T_COMPOUND: {
      const bool complex = H5Tget_nmembers(datatype) == 2 && H5Tget_member_index(datatype, "r") == 0 &&
                           H5Tget_member_index(datatype, "i") == 1 && H5Tget_member_class(datatype, 0) == H5T_FLOAT;
      if (!complex) return StoredType::other;
      return bytes == 8 ? StoredType::complex64 : bytes == 16 ? StoredType::complex128 : StoredType::other;
    }
    default:
      return StoredType::other;
  }
}

std::vector<Index> extents_of(hid_t space) {
  const int n_axes = H5Sget_simple_extent_ndims(space);
  check_h5(n_axes, "H5Sget_simple_extent_ndims");
  std::vector<hsize_t> extents(static_cast<std::size_t>(n_axes));
  H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  return {extents.begin(), extents.end()};
}

std::vector<hsize_t> as_hsize(std::span<const Index> values) { return {values.begin(), values.end()}; }

H5Id make_space(std::span<const Index> shape) {
  if (shape.empty()) return checked(H5Screate(H5S_SCALAR), H5Sclose, "H5Screate");
  const auto extents = as_hsize(shape);
  return checked(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose,
                 "H5Screate_simple");
}

}  // namespace tessera
