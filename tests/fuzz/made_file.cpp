#include "tests/fuzz/made_file.hpp"

#include <mpi.h>
#include <sanitizer/lsan_interface.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "tests/fuzz/fuzz.hpp"

/// HDF5 leaks a little where it refuses to make or open something. What the program leaves open is counted below.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5\n";
}  // NOLINT(bugprone-reserved-identifier)

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
  if (!shape.empty() && bytes.ConsumeIntegralInRange(0, 9) == 0)
    shape[bytes.ConsumeIntegralInRange<std::size_t>(0, shape.size() - 1)] = bytes.ConsumeIntegral<hsize_t>() >> 1U;
  return shape;
}

constexpr hsize_t most_elements = 1U << 14U;

/// Elements, or one too many where they are too many to be counted.
hsize_t count_of(const std::vector<hsize_t>& shape) {
  hsize_t count = 1;
  for (const hsize_t length : shape) {
    if (length > most_elements) return most_elements + 1;
    count *= length;
    if (count > most_elements) return most_elements + 1;
  }
  return count;
}

/// A selection of `count` planes of the first axis from `first` on.
hid_t planes_of(const std::vector<hsize_t>& shape, hsize_t first, hsize_t count) {
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  std::vector<hsize_t> start(shape.size(), 0), extent = shape;
  start[0] = first;
  extent[0] = count;
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr);
  return space;
}

/// Up to three pieces along the first axis, perhaps with gaps, from datasets of this file or of one that is not there,
/// which may be smaller than the map says.
void map_sources(FuzzedDataProvider& bytes, hid_t creation, const std::vector<hsize_t>& shape,
                 const std::vector<std::string>& places) {
  const hsize_t pieces = bytes.ConsumeIntegralInRange<hsize_t>(1, std::min<hsize_t>(3, shape[0]));
  for (hsize_t piece = 0; piece < pieces; ++piece) {
    const hsize_t first = shape[0] / pieces * piece,
                  past = piece + 1 == pieces ? shape[0] : shape[0] / pieces * (piece + 1);
    const hsize_t count = past - first - (past - first > 1 && bytes.ConsumeIntegralInRange(0, 7) == 0 ? 1 : 0);
    std::vector<hsize_t> source = shape;
    if (bytes.ConsumeBool()) source[0] = count;
    const hid_t place = planes_of(shape, first, count);
    const hid_t from = planes_of(source, std::min(first, source[0] - count), count);
    const std::string& dataset = places[bytes.ConsumeIntegralInRange<std::size_t>(0, places.size() - 1)];
    H5Pset_virtual(creation, place, bytes.ConsumeIntegralInRange(0, 7) == 0 ? "missing.h5" : ".", dataset.c_str(),
                   from);
    H5Sclose(from);
    H5Sclose(place);
  }
}

void choose_chunks(FuzzedDataProvider& bytes, hid_t creation, const std::vector<hsize_t>& shape) {
  std::vector<hsize_t> chunk = shape;
  for (hsize_t& length : chunk)
    length = std::clamp<hsize_t>(bytes.ConsumeBool() ? length : bytes.ConsumeIntegralInRange<hsize_t>(1, 12), 1, 64);
  H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
  if (bytes.ConsumeBool()) H5Pset_shuffle(creation);
  if (bytes.ConsumeBool()) H5Pset_deflate(creation, 1);
  if (bytes.ConsumeIntegralInRange(0, 7) == 0) H5Pset_fletcher32(creation);
}

/// Layout, chunks, filters, fill values and an early or late allocation.
hid_t creation_of(FuzzedDataProvider& bytes, const std::vector<hsize_t>& shape,
                  const std::vector<std::string>& places) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t elements = count_of(shape);
  const int kind = bytes.ConsumeIntegralInRange(0, 15);
  if (kind == 0 && !shape.empty() && elements > 0 && elements <= most_elements)
    map_sources(bytes, creation, shape, places);
  else if (kind == 1)
    H5Pset_layout(creation, H5D_COMPACT);
  else if (kind == 2)
    H5Pset_external(creation, "/nowhere/values", 0, H5F_UNLIMITED);
  else if (kind >= 9 && !shape.empty())
    choose_chunks(bytes, creation, shape);
  if (kind != 0 && elements <= most_elements && bytes.ConsumeIntegralInRange(0, 7) == 0)
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
  if (bytes.ConsumeIntegralInRange(0, 7) == 0) {
    const double fill = bytes.ConsumeFloatingPoint<double>();
    H5Pset_fill_value(creation, H5T_NATIVE_DOUBLE, &fill);
  }
  return creation;
}

/// Identifiers of HDF5 that are open.
hsize_t open_ids() {
  hsize_t sum = 0;
  for (const H5I_type_t type :
       {H5I_FILE, H5I_GROUP, H5I_DATATYPE, H5I_DATASPACE, H5I_DATASET, H5I_ATTR, H5I_GENPROP_LST}) {
    hsize_t count = 0;
    H5Inmembers(type, &count);
    sum += count;
  }
  return sum;
}

}  // namespace

MadeFile::MadeFile(const std::string& name)
    : path_("/dev/shm/tessera_fuzz_" + std::to_string(getpid()) + "_" + name + ".h5"),
      file_(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}

MadeFile::~MadeFile() {
  if (file_ >= 0) H5Fclose(file_);
  unlink(path_.c_str());
}

void MadeFile::finish() {
  H5Fclose(file_);
  file_ = H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
}

void MadeFile::add(FuzzedDataProvider& bytes, const std::string& place,
                   const std::vector<std::vector<hsize_t>>& likely) {
  places_.push_back(place);
  if (bytes.ConsumeIntegralInRange(0, 15) == 0) return;
  const std::vector<hsize_t> shape = shape_of(bytes, likely);
  const hid_t type = type_of(bytes);
  const hid_t creation = creation_of(bytes, shape, places_);
  // HDF5 itself ends in a fault where it makes a map of nothing.
  const bool null = bytes.ConsumeIntegralInRange(0, 31) == 0 && H5Pget_layout(creation) != H5D_VIRTUAL;
  const hid_t space =
      null ? H5Screate(H5S_NULL) : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  static const hid_t links = [] {
    const hid_t list = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(list, 1);
    return list;
  }();
  const hid_t dataset = H5Dcreate2(file_, place.c_str(), type, space, links, creation, H5P_DEFAULT);
  if (dataset >= 0) {
    if (!null && H5Pget_layout(creation) != H5D_VIRTUAL) write(bytes, dataset, type, shape);
    H5Dclose(dataset);
  }
  H5Pclose(creation);
  H5Sclose(space);
}

/// All of it, its first planes, or nothing.
void MadeFile::write(FuzzedDataProvider& bytes, hid_t dataset, hid_t type, const std::vector<hsize_t>& shape) {
  const hsize_t count = count_of(shape);
  const int kind = bytes.ConsumeIntegralInRange(0, 7);
  if (count == 0 || count > most_elements || kind == 0) return;
  std::vector<unsigned char> values(count * H5Tget_size(type), 0);
  const std::vector<unsigned char> given =
      bytes.ConsumeBytes<unsigned char>(bytes.ConsumeIntegralInRange<std::size_t>(0, 64));
  for (std::size_t i = 0; i < values.size() && !given.empty(); ++i) values[i] = given[i % given.size()];
  const bool in_part = kind == 1 && !shape.empty() && shape[0] > 1;
  const hid_t part = in_part ? planes_of(shape, 0, shape[0] - 1) : H5S_ALL;
  H5Dwrite(dataset, type, part, part, H5P_DEFAULT, values.data());
  if (in_part) H5Sclose(part);
}

void MadeFile::add_lists(FuzzedDataProvider& bytes, const std::string& place) {
  places_.push_back(place);
  const hid_t types[] = {H5T_STD_U32LE, H5T_STD_U16LE, H5T_STD_I64BE, H5T_IEEE_F32LE};
  const hid_t stored = H5Tvlen_create(bytes.PickValueInArray(types)), given = H5Tvlen_create(H5T_NATIVE_UINT32);
  const hsize_t count = bytes.ConsumeIntegralInRange<hsize_t>(0, 8);
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t dataset = H5Dcreate2(file_, place.c_str(), stored, space, links, H5P_DEFAULT, H5P_DEFAULT);
  std::vector<std::vector<std::uint32_t>> pixels(count);
  std::vector<hvl_t> lists(count);
  for (hsize_t i = 0; i < count; ++i) {
    for (int left = bytes.ConsumeIntegralInRange(0, 5); left > 0; --left)
      pixels[i].push_back(bytes.ConsumeBool() ? bytes.ConsumeIntegralInRange<std::uint32_t>(0, 63)
                                              : bytes.ConsumeIntegral<std::uint32_t>());
    lists[i] = {pixels[i].size(), pixels[i].data()};
  }
  if (dataset >= 0 && count > 0 && bytes.ConsumeIntegralInRange(0, 7) != 0)
    H5Dwrite(dataset, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, lists.data());
  if (dataset >= 0) H5Dclose(dataset);
  H5Pclose(links);
  H5Sclose(space);
  H5Tclose(given);
  H5Tclose(stored);
}

void MadeFile::text(const std::string& place, const std::string& name, const std::string& value) {
  if (place != "/" && H5Lexists(file_, place.c_str(), H5P_DEFAULT) <= 0) return;
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, value.size() + 1);
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute =
      H5Acreate_by_name(file_, place.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    H5Awrite(attribute, type, value.c_str());
    H5Aclose(attribute);
  }
  H5Sclose(space);
  H5Tclose(type);
}

void MadeFile::attribute(FuzzedDataProvider& bytes, const std::string& place, const std::string& name) {
  if (bytes.ConsumeBool() || (place != "/" && H5Lexists(file_, place.c_str(), H5P_DEFAULT) <= 0)) return;
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

void survives_closed(const std::function<void()>& step) {
  static unsigned inputs = 0;
  constexpr unsigned often = 256;
  if (++inputs % often == 0) H5garbage_collect();
  const hsize_t before = open_ids();
  survives(step);
  if (open_ids() == before) return;
  std::cerr << open_ids() - before << " identifiers of HDF5 were left open\n";
  std::abort();
}

}  // namespace tessera::fuzz

/// MPI and HDF5, of every target.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const __lsan::ScopedDisabler its_own;  // what MPI keeps until the end is no leak of ours
  MPI_Init(argc, argv);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  // HDF5 keeps what it has freed for the next file: of each it would make and clear a MiB anew.
  H5set_free_list_limits(-1, -1, -1, -1, -1, -1);
  return 0;
}
