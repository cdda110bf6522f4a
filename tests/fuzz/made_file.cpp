#include "tests/fuzz/made_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace tessera::fuzz {

namespace {

hid_t type_of(FuzzedDataProvider& bytes) {
  static const hid_t enumeration = [] {
    const hid_t type = H5Tcreate(H5T_ENUM, 1);
    for (signed char value : {0, 1}) H5Tenum_insert(type, value == 0 ? "FALSE" : "TRUE", &value);
    return type;
  }();
  static const hid_t complex64 = [] {
    const hid_t type = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(type, "r", 0, H5T_NATIVE_FLOAT);
    H5Tinsert(type, "i", 4, H5T_NATIVE_FLOAT);
    return type;
  }();
  static const hid_t text = [] {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 5);
    return type;
  }();
  const hid_t types[] = {H5T_STD_U8LE,  H5T_STD_U16LE,  H5T_STD_U16BE,  H5T_STD_U32LE,  H5T_STD_I16LE, H5T_STD_I32BE,
                         H5T_STD_U64LE, H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_IEEE_F32BE, enumeration,   complex64,
                         text};
  return bytes.PickValueInArray(types);
}

std::vector<hsize_t> shape_of(FuzzedDataProvider& bytes, const std::vector<std::vector<hsize_t>>& likely) {
  if (!likely.empty() && bytes.ConsumeIntegralInRange(0, 3) != 0)
    return likely[bytes.ConsumeIntegralInRange<std::size_t>(0, likely.size() - 1)];
  std::vector<hsize_t> shape(bytes.ConsumeIntegralInRange<std::size_t>(0, 5));
  for (hsize_t& length : shape) length = bytes.ConsumeIntegralInRange<hsize_t>(0, 9);
  if (!shape.empty() && bytes.ConsumeIntegralInRange(0, 9) == 0) shape.back() = bytes.ConsumeIntegral<hsize_t>() >> 1U;
  return shape;
}

/// Chunks, filters, fill values and an early or late allocation.
hid_t creation_of(FuzzedDataProvider& bytes, const std::vector<hsize_t>& shape) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (bytes.ConsumeBool() && !shape.empty()) {
    std::vector<hsize_t> chunk = shape;
    for (hsize_t& length : chunk)
      length = std::clamp<hsize_t>(bytes.ConsumeBool() ? length : bytes.ConsumeIntegralInRange<hsize_t>(1, 12), 1, 64);
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    if (bytes.ConsumeBool()) H5Pset_shuffle(creation);
    if (bytes.ConsumeBool()) H5Pset_deflate(creation, 1);
    if (bytes.ConsumeIntegralInRange(0, 7) == 0) H5Pset_fletcher32(creation);
  }
  if (bytes.ConsumeIntegralInRange(0, 7) == 0) {
    const double fill = bytes.ConsumeFloatingPoint<double>();
    H5Pset_fill_value(creation, H5T_NATIVE_DOUBLE, &fill);
  }
  return creation;
}

}  // namespace

MadeFile::MadeFile(const std::string& name)
    : path_("/dev/shm/tessera_fuzz_" + std::to_string(getpid()) + "_" + name + ".h5"),
      file_(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}

MadeFile::~MadeFile() {
  close();
  unlink(path_.c_str());
}

void MadeFile::close() {
  if (file_ >= 0) H5Fclose(file_);
  file_ = -1;
}

void MadeFile::add(FuzzedDataProvider& bytes, const std::string& place,
                   const std::vector<std::vector<hsize_t>>& likely) {
  if (bytes.ConsumeIntegralInRange(0, 15) == 0) return;
  const std::vector<hsize_t> shape = shape_of(bytes, likely);
  const hid_t type = type_of(bytes);
  const hid_t space = bytes.ConsumeIntegralInRange(0, 31) == 0
                          ? H5Screate(H5S_NULL)
                          : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t creation = creation_of(bytes, shape);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t dataset = H5Dcreate2(file_, place.c_str(), type, space, links, creation, H5P_DEFAULT);
  hsize_t count = 1;
  for (const hsize_t length : shape) count *= length;
  constexpr hsize_t most = 1U << 14U;
  if (dataset >= 0 && count <= most && bytes.ConsumeIntegralInRange(0, 7) != 0) {
    std::vector<unsigned char> values(count * H5Tget_size(type), 0);
    const std::vector<unsigned char> given =
        bytes.ConsumeBytes<unsigned char>(bytes.ConsumeIntegralInRange<std::size_t>(0, 64));
    for (std::size_t i = 0; i < values.size() && !given.empty(); ++i) values[i] = given[i % given.size()];
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  if (dataset >= 0) H5Dclose(dataset);
  H5Pclose(links);
  H5Pclose(creation);
  H5Sclose(space);
}

void MadeFile::attribute(FuzzedDataProvider& bytes, const std::string& place, const std::string& name) {
  if (bytes.ConsumeBool() || H5Lexists(file_, place.c_str(), H5P_DEFAULT) <= 0) return;
  const hid_t type = type_of(bytes);
  const hsize_t count = bytes.ConsumeIntegralInRange<hsize_t>(0, 3);
  const hid_t space = count == 0 ? H5Screate(H5S_NULL) : H5Screate_simple(1, &count, nullptr);
  const hid_t attribute =
      H5Acreate_by_name(file_, place.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    std::vector<unsigned char> values = bytes.ConsumeBytes<unsigned char>(count * H5Tget_size(type));
    values.resize(std::max<std::size_t>(1, count * H5Tget_size(type)));
    if (count > 0) H5Awrite(attribute, type, values.data());
    H5Aclose(attribute);
  }
  H5Sclose(space);
}

}  // namespace tessera::fuzz
