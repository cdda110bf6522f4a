#include "io/attributes.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr ExitCode failed = ExitCode::cannot_write;

H5Id variable_text_type() {
  H5Id type = checked(H5Tcopy(H5T_C_S1), H5Tclose, "H5Tcopy");
  check_h5(H5Tset_size(type.get(), H5T_VARIABLE), "H5Tset_size");
  check_h5(H5Tset_cset(type.get(), H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

void write_attribute(hid_t object, const std::string& name, hid_t type, const H5Id& space, const void* data) {
  const H5Id attribute = checked(H5Acreate2(object, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                                 H5Aclose, "attribute " + name + " cannot be created", failed);
  check_h5(H5Awrite(attribute.get(), type, data), "attribute " + name + " cannot be written", failed);
}

/// Without times the same results give the same bytes.
H5Id dataset_creation() {
  H5Id list = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  check_h5(H5Pset_obj_track_times(list.get(), false), "H5Pset_obj_track_times");
  return list;
}

H5Id create_dataset(hid_t parent, const std::string& name, hid_t type, const H5Id& space, const H5Id& creation) {
  const H5Id links = checked(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "H5Pcreate");
  check_h5(H5Pset_create_intermediate_group(links.get(), 1), "H5Pset_create_intermediate_group");
  return checked(H5Dcreate2(parent, name.c_str(), type, space.get(), links.get(), creation.get(), H5P_DEFAULT),
                 H5Dclose, "dataset " + name + " cannot be created", failed);
}

}  // namespace

void write_text_attribute(hid_t object, const std::string& name, const std::string& text) {
  const char* pointer = text.c_str();
  write_attribute(object, name, variable_text_type().get(), make_space({}), &pointer);
}

void write_text_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const auto& text : texts) pointers.push_back(text.c_str());
  const std::vector<Index> shape{static_cast<Index>(texts.size())};
  write_attribute(object, name, variable_text_type().get(), make_space(shape), pointers.data());
}

void write_integer_attribute(hid_t object, const std::string& name, Index value) {
  write_attribute(object, name, H5T_NATIVE_INT64, make_space({}), &value);
}

void write_number_attribute(hid_t object, const std::string& name, std::span<const double> values) {
  const std::vector<Index> list{static_cast<Index>(values.size())};
  write_attribute(object, name, H5T_NATIVE_DOUBLE, make_space(values.size() == 1 ? std::span<const Index>() : list),
                  values.data());
}

H5Id create_group(hid_t parent, const std::string& name) {
  return checked(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                 "group " + name + " cannot be created", failed);
}

H5Id write_text_dataset(hid_t parent, const std::string& name, const std::string& text) {
  const H5Id type = checked(H5Tcopy(H5T_C_S1), H5Tclose, "H5Tcopy");
  check_h5(H5Tset_size(type.get(), std::max<std::size_t>(1, text.size())), "H5Tset_size");
  check_h5(H5Tset_cset(type.get(), H5T_CSET_UTF8), "H5Tset_cset");
  check_h5(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "H5Tset_strpad");
  H5Id dataset = create_dataset(parent, name, type.get(), make_space({}), dataset_creation());
  check_h5(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()),
           "dataset " + name + " cannot be written", failed);
  return dataset;
}

H5Id write_variable_text_dataset(hid_t parent, const std::string& name, const std::string& text) {
  const H5Id type = variable_text_type();
  H5Id dataset = create_dataset(parent, name, type.get(), make_space({}), dataset_creation());
  const char* pointer = text.c_str();
  check_h5(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<const void*>(&pointer)),
           "dataset " + name + " cannot be written", failed);
  return dataset;
}

void write_count_dataset(hid_t parent, const std::string& name, unsigned value) {
  const H5Id dataset = create_dataset(parent, name, H5T_NATIVE_UINT, make_space({}), dataset_creation());
  check_h5(H5Dwrite(dataset.get(), H5T_NATIVE_UINT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value),
           "dataset " + name + " cannot be written", failed);
}

void write_boolean_dataset(hid_t parent, const std::string& name, bool value) {
  const H5Id type = checked(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose, "H5Tenum_create");
  for (const auto& [word, number] : {std::pair<const char*, signed char>{"FALSE", 0}, {"TRUE", 1}})
    check_h5(H5Tenum_insert(type.get(), word, &number), "H5Tenum_insert", failed);
  const H5Id dataset = create_dataset(parent, name, type.get(), make_space({}), dataset_creation());
  const signed char number = value ? 1 : 0;
  check_h5(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &number),
           "dataset " + name + " cannot be written", failed);
}

H5Id write_number_dataset(hid_t parent, const std::string& name, std::span<const double> values, bool scalar) {
  const std::vector<Index> list{static_cast<Index>(values.size())};
  H5Id dataset = create_dataset(parent, name, H5T_NATIVE_DOUBLE, make_space(scalar ? std::span<const Index>() : list),
                                dataset_creation());
  check_h5(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
           "dataset " + name + " cannot be written", failed);
  return dataset;
}

H5Id create_empty_dataset(hid_t parent, const std::string& name, StoredType type, std::span<const Index> shape) {
  const H5Id creation = dataset_creation();
  check_h5(H5Pset_layout(creation.get(), H5D_CONTIGUOUS), "H5Pset_layout");
  check_h5(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time");
  check_h5(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), "H5Pset_fill_time");
  return create_dataset(parent, name, memory_datatype(type).get(), make_space(shape), creation);
}

H5Id create_growing_dataset(hid_t parent, const std::string& name, StoredType type) {
  const H5Id creation = dataset_creation();
  const auto chunk = static_cast<hsize_t>((Index{1} << 20) / bytes_of(type));
  check_h5(H5Pset_chunk(creation.get(), 1, &chunk), "H5Pset_chunk");
  // Chunks are made by all ranks when the list grows. Made late, each rank would find a place for them by itself.
  check_h5(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time");
  check_h5(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), "H5Pset_fill_time");
  const hsize_t nothing = 0, endless = H5S_UNLIMITED;
  const H5Id space = checked(H5Screate_simple(1, &nothing, &endless), H5Sclose, "H5Screate_simple");
  return create_dataset(parent, name, memory_datatype(type).get(), space, creation);
}

}  // namespace tessera
