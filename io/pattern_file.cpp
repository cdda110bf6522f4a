#include "io/pattern_file.hpp"

#include <algorithm>

namespace tessera {

namespace {

constexpr std::size_t largest_cache_bytes = std::size_t{2} << 30;
constexpr std::size_t cache_slots = 10007;  // a prime, as HDF5 asks

void require_filters(const H5Id& dataset, const std::string& name) {
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
                      name, id, filter_name[0] != 0 ? filter_name : "without a name"));
  }
}

}  // namespace

Index PatternLayout::n_patterns() const { return info.shape[0] * (info.shape.size() == 4 ? info.shape[1] : 1); }

Index PatternLayout::pattern_bytes() const {
  return info.shape[info.shape.size() - 2] * info.shape.back() * bytes_of(memory_type);
}

Index PatternLayout::group_of(Index pattern) const {
  if (info.shape.size() == 3) return pattern / info.chunk[0];
  const Index groups_per_row = (info.shape[1] + info.chunk[1] - 1) / info.chunk[1];
  return pattern / info.shape[1] / info.chunk[0] * groups_per_row + pattern % info.shape[1] / info.chunk[1];
}

Index PatternLayout::group_bytes() const {
  Index bytes = bytes_of(memory_type);
  for (std::size_t axis = 0; axis < info.shape.size(); ++axis) {
    const bool detector = axis + 2 >= info.shape.size();
    bytes *=
        detector ? (info.shape[axis] + info.chunk[axis] - 1) / info.chunk[axis] * info.chunk[axis] : info.chunk[axis];
  }
  return bytes;
}

PatternLayout pattern_layout(const std::string& file, const std::string& dataset) {
  PatternLayout layout;
  layout.info = dataset_info(file, dataset);
  const auto& shape = layout.info.shape;
  const std::string name = fmt::format("{}: {}", file, dataset);
  if (shape.size() != 3 && shape.size() != 4)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{} has the shape ({}); patterns have (N,Ky,Kx) or (Ry,Rx,Ky,Kx)", name, fmt::join(shape, ",")));
  const H5Id file_id = open_file_read(file);
  const H5Id id = open_dataset(file_id.get(), file, dataset);
  const H5Id type = checked(H5Dget_type(id.get()), H5Tclose, "H5Dget_type");
  if (!is_numeric(type.get()))
    throw InputError(ExitCode::data_wrong, name + " does not hold real numbers; store counts as integers or floats");
  require_filters(id, name);
  const StoredType stored = layout.info.type;
  const bool kept = stored == StoredType::u8 || stored == StoredType::u16 || stored == StoredType::u32;
  layout.memory_type = kept ? stored : StoredType::f32;
  return layout;
}

PatternFile::PatternFile(const std::string& file, const std::string& dataset, const PatternLayout& layout)
    : name_(fmt::format("{}: {}", file, dataset)),
      layout_(layout),
      file_(open_file_read(file)),
      memory_type_(memory_datatype(layout.memory_type)) {
  const H5Id access = checked(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "H5Pcreate");
  if (!layout.info.chunk.empty()) {
    // A whole group stays decompressed while its patterns are read run by run. Wide elements of the file (64 bits) are
    // twice as large in the cache as in memory.
    const std::size_t bytes =
        std::clamp(2 * static_cast<std::size_t>(layout.group_bytes()), std::size_t{1} << 20, largest_cache_bytes);
    check_h5(H5Pset_chunk_cache(access.get(), cache_slots, bytes, 1.0), "H5Pset_chunk_cache");
  }
  dataset_ = checked(H5Dopen2(file_.get(), dataset.c_str(), access.get()), H5Dclose, name_ + ": cannot be opened");
}

void PatternFile::read_run(Index first, Index n, std::byte* out) const {
  const auto& shape = layout_.info.shape;
  const Index ky = shape[shape.size() - 2];
  const Index kx = shape.back();
  if (shape.size() == 3) {
    read_rectangle(std::vector<Index>{first, 0, 0}, std::vector<Index>{n, ky, kx}, out);
    return;
  }
  const Index row_length = layout_.row_length();
  for (Index done = 0; done < n;) {
    const Index row = (first + done) / row_length;
    const Index column = (first + done) % row_length;
    const Index left = n - done;
    const Index rows = column == 0 && left >= row_length ? left / row_length : 1;  // whole rows go together
    const Index columns = rows > 1 ? row_length : std::min(left, row_length - column);
    read_rectangle(std::vector<Index>{row, column, 0, 0}, std::vector<Index>{rows, columns, ky, kx},
                   out + done * layout_.pattern_bytes());
    done += rows * columns;
  }
}

void PatternFile::read_rectangle(std::span<const Index> start, std::span<const Index> count, std::byte* out) const {
  const H5Id space = make_space(layout_.info.shape);
  const H5Id memory = make_space(count);
  check_h5(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, as_hsize(start).data(), nullptr, as_hsize(count).data(),
                               nullptr),
           "H5Sselect_hyperslab");
  if (H5Dread(dataset_.get(), memory_type_.get(), memory.get(), space.get(), H5P_DEFAULT, out) < 0)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: the box from ({}) of ({}) cannot be read: HDF5 says: {}; the file may be damaged",
                                 name_, fmt::join(start, ","), fmt::join(count, ","), h5_reason()));
}

}  // namespace tessera
