#include "io/h5.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "src/base/file_kind.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

std::string last_part(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

/// "/data/a, /data/b": what the file holds, nearest to the wanted path first.
std::string nearest_names(hid_t file_id, const std::string& wanted) {
  constexpr std::size_t most = 8, enough = 5000;
  Names names = names_in(file_id, enough);
  auto& found = names.datasets.empty() ? names.groups : names.datasets;
  if (found.empty()) return "the file is empty";
  const auto distance = [&](const std::string& name) {
    return edit_distance(name, wanted) + edit_distance(last_part(name), last_part(wanted));
  };
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  std::string text = names.datasets.empty() ? "the file has no datasets, only groups: " : "the file has ";
  for (std::size_t i = 0; i < std::min(most, found.size()); ++i) text += (i == 0 ? "" : ", ") + shown(found[i]);
  if (found.size() > most) text += fmt::format(" and {} more", found.size() - most);
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
  const bool regular = is_regular_file(file);
  const H5Id access_list = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  // Read-only and network file systems often have no locks; reading does not need them.
  check_h5(H5Pset_file_locking(access_list.get(), true, true), "H5Pset_file_locking");
  H5Id opened(regular ? H5Fopen(file.c_str(), H5F_ACC_RDONLY, access_list.get()) : H5I_INVALID_HID, H5Fclose);
  if (opened.valid()) return opened;
  const std::string reason = h5_reason(), kind = file_kind(file);
  if (!regular || H5Fis_hdf5(file.c_str()) <= 0)
    throw InputError(ExitCode::data_wrong, fmt::format("{}: is {}, not HDF5; convert it, or correct the path", file,
                                                       kind.empty() ? "no file" : kind));
  throw SystemError(ExitCode::data_wrong, fmt::format("{}: cannot be opened: HDF5 says: {}", file, reason));
}

H5Id open_dataset(hid_t file_id, const std::string& file, const std::string& dataset) {
  const std::string path = dataset.starts_with('/') ? dataset : "/" + dataset;
  if (!path_exists(file_id, path))
    throw InputError(ExitCode::data_missing, fmt::format("{}: there is no dataset {}; {}. Name one of them", file,
                                                         shown(path), nearest_names(file_id, path)));
  H5Id id(H5Dopen2(file_id, path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!id.valid()) {
    const std::string reason = h5_reason();
    throw InputError(ExitCode::data_wrong, fmt::format("{}: {} cannot be opened as a dataset ({}); {}", file,
                                                       shown(path), reason, nearest_names(file_id, path)));
  }
  return id;
}

namespace {

H5Id complex_datatype(hid_t part, const char* real, const char* imaginary) {
  const std::size_t bytes = H5Tget_size(part);
  H5Id id = checked(H5Tcreate(H5T_COMPOUND, 2 * bytes), H5Tclose, "H5Tcreate");
  check_h5(H5Tinsert(id.get(), real, 0, part), "H5Tinsert");
  check_h5(H5Tinsert(id.get(), imaginary, bytes, part), "H5Tinsert");
  return id;
}

bool has_members(hid_t datatype, const char* first, const char* second) {
  return H5Tget_member_index(datatype, first) == 0 && H5Tget_member_index(datatype, second) == 1;
}

}  // namespace

H5Id memory_datatype(StoredType type) {
  const auto copy = [](hid_t native) { return checked(H5Tcopy(native), H5Tclose, "H5Tcopy"); };
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
      return complex_datatype(H5T_NATIVE_FLOAT, "r", "i");
    case StoredType::complex128:
      return complex_datatype(H5T_NATIVE_DOUBLE, "r", "i");
    case StoredType::other:
      break;
  }
  throw Error(ExitCode::internal, "memory_datatype: a type that tessera never stores");
}

H5Id memory_datatype_like(hid_t datatype, StoredType type) {
  const bool complex = type == StoredType::complex64 || type == StoredType::complex128;
  if (!complex || !has_members(datatype, "real", "imag")) return memory_datatype(type);
  return complex_datatype(type == StoredType::complex64 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE, "real", "imag");
}

bool is_numeric(hid_t datatype) {
  const H5T_class_t kind = H5Tget_class(datatype);
  return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

bool is_boolean(hid_t datatype) {
  if (H5Tget_class(datatype) != H5T_ENUM || H5Tget_nmembers(datatype) != 2) return false;
  const auto value_of = [&](const char* name) {
    std::array<unsigned char, 8> bytes{};
    const bool found = H5Tget_size(datatype) == 1 && H5Tenum_valueof(datatype, name, bytes.data()) >= 0;
    return found ? int{bytes[0]} : -1;
  };
  return value_of("FALSE") == 0 && value_of("TRUE") == 1;
}

int require_filters(const H5Id& dataset, const std::string& name) {
  const H5Id creation = checked(H5Dget_create_plist(dataset.get()), H5Pclose, "H5Dget_create_plist");
  const int n_filters = H5Pget_nfilters(creation.get());
  for (int i = 0; i < n_filters; ++i) {
    unsigned flags = 0;
    std::size_t n_values = 0;
    char filter_name[64] = "";
    const H5Z_filter_t id = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &n_values, nullptr,
                                           sizeof filter_name, filter_name, nullptr);
    if (H5Zfilter_avail(id) <= 0)
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("{} was compressed with the HDF5 filter {} ({}), which is not installed here; install "
                      "its plugin (Debian: bitshuffle for 32008) and set HDF5_PLUGIN_PATH to its folder",
                      name, id, filter_name[0] != 0 ? shown(filter_name) : "without a name"));
  }
  return n_filters;
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
      const bool named = has_members(datatype, "r", "i") || has_members(datatype, "real", "imag");
      const bool complex = H5Tget_nmembers(datatype) == 2 && named && H5Tget_member_class(datatype, 0) == H5T_FLOAT;
      if (!complex) return StoredType::other;
      return bytes == 8 ? StoredType::complex64 : bytes == 16 ? StoredType::complex128 : StoredType::other;
    }
    default:
      return StoredType::other;
  }
}

std::vector<Index> extents_of(hid_t space) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
  const int n_axes = H5Sget_simple_extent_ndims(space);
  check_h5(n_axes, "H5Sget_simple_extent_ndims");
  std::vector<hsize_t> extents(static_cast<std::size_t>(n_axes));
  H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  constexpr auto most = static_cast<hsize_t>(std::numeric_limits<Index>::max());
  if (std::ranges::any_of(extents, [](hsize_t length) { return length > most; }))
    throw InputError(ExitCode::data_wrong, fmt::format("a shape of ({}) is too large", fmt::join(extents, ", ")));
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
