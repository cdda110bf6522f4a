#include "io/dataset.hpp"

#include "io/written.hpp"

namespace tessera {

namespace {

H5Id datatype_of(const H5Id& dataset) { return checked(H5Dget_type(dataset.get()), H5Tclose, "H5Dget_type"); }

std::vector<Index> shape_of(const H5Id& dataset) {
  const H5Id space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
  return extents_of(space.get());
}

void require_readable(const H5Id& dataset, const std::string& file, const std::string& name) {
  require_filters(dataset, fmt::format("{}: {}", file, name));
  require_written(dataset, file, name, whole_of(shape_of(dataset)));
}

template <class T>
void read_elements(const H5Id& dataset, hid_t memory_type, const std::string& name, std::vector<T>& values) {
  values.resize(static_cast<std::size_t>(element_count(shape_of(dataset))));
  if (values.empty()) return;
  check_h5(H5Dread(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), name + " cannot be read");
}

std::vector<double> read_all(const H5Id& dataset, const std::string& file, const std::string& name) {
  const H5Id type = datatype_of(dataset);
  if (!is_numeric(type.get()) && !is_boolean(type.get()))
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: {} does not hold numbers; store integers or floats", file, name));
  require_readable(dataset, file, name);
  std::vector<double> values;
  if (is_numeric(type.get())) {
    read_elements(dataset, H5T_NATIVE_DOUBLE, fmt::format("{}: {}", file, name), values);
    return values;
  }
  std::vector<unsigned char> flags;
  read_elements(dataset, type.get(), fmt::format("{}: {}", file, name), flags);
  values.assign(flags.begin(), flags.end());
  return values;
}

/// "uint16", "float32", "complex64", "text", ...
std::string name_of_type(hid_t datatype) {
  const std::size_t bits = 8 * H5Tget_size(datatype);
  switch (H5Tget_class(datatype)) {
    case H5T_INTEGER:
      return fmt::format("{}int{}", H5Tget_sign(datatype) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_FLOAT:
      return fmt::format("float{}", bits);
    case H5T_COMPOUND:
      return stored_type_of(datatype) == StoredType::other ? "compound" : fmt::format("complex{}", bits);
    case H5T_STRING:
      return "text";
    case H5T_ENUM:
      return is_boolean(datatype) ? "bool" : "enumeration";
    default:
      return "another type";
  }
}

DatasetInfo info_of(const H5Id& id) {
  const H5Id creation = checked(H5Dget_create_plist(id.get()), H5Pclose, "H5Dget_create_plist");
  DatasetInfo info;
  info.shape = shape_of(id);
  const H5Id type = datatype_of(id);
  info.type = stored_type_of(type.get());
  info.type_name = name_of_type(type.get());
  info.numeric = is_numeric(type.get());
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  info.contiguous = layout == H5D_CONTIGUOUS;
  if (layout == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(info.shape.size());
    check_h5(H5Pget_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data()), "H5Pget_chunk");
    info.chunk.assign(chunk.begin(), chunk.end());
  }
  return info;
}

}  // namespace

OpenFile::OpenFile(std::string name)
    : name_(std::move(name)), file_(std::make_shared<const H5Id>(open_file_read(name_))) {}

FileListing OpenFile::list() const {
  constexpr std::size_t most = 20'000;
  const Names names = names_in(file_->get(), most);
  FileListing listing{.datasets = {},
                      .left_out = names.left_out > 0 || names.datasets.size() + names.groups.size() >= most};
  for (const std::string& path : names.datasets) {
    const H5Id id(H5Dopen2(file_->get(), path.c_str(), H5P_DEFAULT), H5Dclose);
    try {
      listing.datasets.push_back({path, id.valid() ? info_of(id) : DatasetInfo{.type_name = "cannot be opened"}});
    } catch (const Error& error) {
      listing.datasets.push_back({path, {.type_name = error.what()}});
    }
  }
  return listing;
}

bool OpenFile::has(const std::string& dataset) const {
  return H5Id(H5Dopen2(file_->get(), dataset.c_str(), H5P_DEFAULT), H5Dclose).valid();
}

DatasetInfo OpenFile::info(const std::string& dataset) const {
  return info_of(open_dataset(file_->get(), name_, dataset));
}

void OpenFile::require_whole(const std::string& dataset) const {
  const H5Id id = open_dataset(file_->get(), name_, dataset);
  require_written(id, name_, dataset, whole_of(shape_of(id)));
}

std::vector<double> OpenFile::real(const std::string& dataset) const {
  return read_all(open_dataset(file_->get(), name_, dataset), name_, dataset);
}

std::vector<std::complex<double>> OpenFile::complex(const std::string& dataset) const {
  const H5Id id = open_dataset(file_->get(), name_, dataset);
  const StoredType type = stored_type_of(datatype_of(id).get());
  if (type != StoredType::complex64 && type != StoredType::complex128) {
    const auto real = read_all(id, name_, dataset);
    return {real.begin(), real.end()};
  }
  require_readable(id, name_, dataset);
  std::vector<std::complex<double>> values;
  read_elements(id, memory_datatype_like(datatype_of(id).get(), StoredType::complex128).get(),
                fmt::format("{}: {}", name_, dataset), values);
  return values;
}

std::optional<std::vector<double>> OpenFile::attribute(const std::string& object_path, const std::string& name) const {
  const H5Id id(H5Aopen_by_name(file_->get(), object_path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!id.valid()) return std::nullopt;
  const H5Id type = checked(H5Aget_type(id.get()), H5Tclose, "H5Aget_type");
  if (!is_numeric(type.get())) return std::nullopt;
  const H5Id space = checked(H5Aget_space(id.get()), H5Sclose, "H5Aget_space");
  std::vector<double> values(static_cast<std::size_t>(element_count(extents_of(space.get()))));
  if (values.empty()) return values;
  check_h5(H5Aread(id.get(), H5T_NATIVE_DOUBLE, values.data()),
           fmt::format("{}: attribute {} of {} cannot be read", name_, name, object_path));
  return values;
}

std::optional<std::string> OpenFile::text(const std::string& dataset) const {
  constexpr std::size_t most_bytes = 16 << 20;
  const H5Id id(H5Dopen2(file_->get(), dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (!id.valid()) return std::nullopt;
  const H5Id type = checked(H5Dget_type(id.get()), H5Tclose, "H5Dget_type");
  const H5Id space = checked(H5Dget_space(id.get()), H5Sclose, "H5Dget_space");
  if (H5Tget_class(type.get()) != H5T_STRING || element_count(extents_of(space.get())) != 1) return std::nullopt;
  // A map of texts could hold itself, which HDF5 follows until there is no memory; no program makes one.
  const H5Id creation = checked(H5Dget_create_plist(id.get()), H5Pclose, "H5Dget_create_plist");
  if (H5Pget_layout(creation.get()) == H5D_VIRTUAL) return std::nullopt;
  if (H5Tis_variable_str(type.get()) > 0) {
    char* bytes = nullptr;
    if (H5Dread(id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<void*>(&bytes)) < 0)
      return std::nullopt;
    const std::unique_ptr<char, herr_t (*)(void*)> owner(bytes, H5free_memory);
    return bytes == nullptr ? std::string{} : std::string(bytes);
  }
  if (H5Tget_size(type.get()) > most_bytes) return std::nullopt;
  std::string text(H5Tget_size(type.get()), '\0');
  if (H5Dread(id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()) < 0) return std::nullopt;
  return text.substr(0, text.find('\0'));
}

std::optional<std::string> OpenFile::text_attribute(const std::string& object_path, const std::string& name) const {
  const H5Id id(H5Aopen_by_name(file_->get(), object_path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!id.valid()) return std::nullopt;
  const H5Id type = checked(H5Aget_type(id.get()), H5Tclose, "H5Aget_type");
  const H5Id space = checked(H5Aget_space(id.get()), H5Sclose, "H5Aget_space");
  if (H5Tget_class(type.get()) != H5T_STRING || element_count(extents_of(space.get())) != 1) return std::nullopt;
  if (H5Tis_variable_str(type.get()) <= 0) {
    std::string text(H5Tget_size(type.get()), '\0');
    if (H5Aread(id.get(), type.get(), text.data()) < 0) return std::nullopt;
    return text.substr(0, text.find('\0'));
  }
  char* variable = nullptr;
  if (H5Aread(id.get(), type.get(), static_cast<void*>(&variable)) < 0 || variable == nullptr) return std::nullopt;
  std::string text(variable);
  H5free_memory(variable);
  return text;
}

DatasetInfo dataset_info(const std::string& file, const std::string& dataset) { return OpenFile(file).info(dataset); }

bool dataset_exists(const std::string& file, const std::string& dataset) { return OpenFile(file).has(dataset); }

std::vector<double> read_real(const std::string& file, const std::string& dataset) {
  return OpenFile(file).real(dataset);
}

std::vector<std::complex<double>> read_complex(const std::string& file, const std::string& dataset) {
  return OpenFile(file).complex(dataset);
}

std::optional<std::vector<double>> read_attribute(const std::string& file, const std::string& object_path,
                                                  const std::string& name) {
  return OpenFile(file).attribute(object_path, name);
}

std::optional<std::string> read_text_attribute(const std::string& file, const std::string& object_path,
                                               const std::string& name) {
  return OpenFile(file).text_attribute(object_path, name);
}

}  // namespace tessera
