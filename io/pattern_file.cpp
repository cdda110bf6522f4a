#include "io/pattern_file.hpp"

#include <algorithm>

namespace tessera {

Index PatternLayout::pattern_bytes() const {
  return info.shape[info.shape.size() - 2] * info.shape.back() * bytes_of(memory_type);
}

Index PatternLayout::group_of(Index pattern) const {
  return pattern / columns() / group_rows() * group_grid_columns() + pattern % columns() / group_columns();
}

Box PatternLayout::group_box(Index group) const {
  const Index y = group / group_grid_columns() * group_rows(), x = group % group_grid_columns() * group_columns();
  return intersect({y, x, y + group_rows(), x + group_columns()}, {0, 0, rows(), columns()});
}

Index PatternLayout::group_pixels() const {
  Index pixels = group_positions();
  for (std::size_t axis = info.shape.size() - 2; axis < info.shape.size(); ++axis) {
    const Index chunk = chunked() ? info.chunk[axis] : info.shape[axis];
    pixels *= (info.shape[axis] + chunk - 1) / chunk * chunk;
  }
  return pixels;
}

Index PatternLayout::group_bytes() const { return group_pixels() * bytes_of(memory_type); }

Index PatternLayout::group_file_bytes() const { return group_pixels() * file_pixel_bytes; }

Index PatternLayout::chunk_file_bytes() const { return chunked() ? element_count(info.chunk) * file_pixel_bytes : 0; }

Index PatternLayout::cache_slots() const {
  // HDF5 numbers the chunks of a group within the next powers of two of its detector axes, modulo the slots, and two
  // chunks never share one.
  constexpr Index usual = 10007;
  return chunked() ? std::max(usual, 4 * group_file_bytes() / chunk_file_bytes()) : 0;
}

PatternLayout pattern_layout(const std::string& file, const std::string& dataset, bool of_channels) {
  PatternLayout layout;
  layout.info = dataset_info(file, dataset);
  layout.of_channels = of_channels;
  for (std::vector<Index>* axes : {&layout.info.shape, &layout.info.chunk})
    if (of_channels && !axes->empty()) axes->insert(axes->end() - 1, 1);
  const auto& shape = layout.info.shape;
  const std::string name = fmt::format("{}: {}", file, dataset);
  if (shape.size() != 3 && shape.size() != 4)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format("{} has the shape ({}); patterns have (N,Ky,Kx) or (Ry,Rx,Ky,Kx)", name, fmt::join(shape, ",")));
  if (std::ranges::find(shape, 0) != shape.end())
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{} has the shape ({}); no axis may be empty", name, fmt::join(shape, ",")));
  const H5Id file_id = open_file_read(file);
  const H5Id id = open_dataset(file_id.get(), file, dataset);
  const H5Id type = checked(H5Dget_type(id.get()), H5Tclose, "H5Dget_type");
  if (!is_numeric(type.get()))
    throw InputError(ExitCode::data_wrong, name + " does not hold real numbers; store counts as integers or floats");
  const int n_filters = require_filters(id, name);
  const StoredType stored = layout.info.type;
  const bool kept = stored == StoredType::u8 || stored == StoredType::u16 || stored == StoredType::u32;
  layout.memory_type = kept ? stored : StoredType::f32;
  layout.file_pixel_bytes = static_cast<Index>(H5Tget_size(type.get()));
  // The second of two filters makes a whole chunk from one.
  const Index n_chunks = layout.n_groups() * layout.group_file_bytes() / std::max<Index>(1, layout.chunk_file_bytes());
  if (n_filters > 0)
    layout.filter_bytes =
        n_filters > 1 ? layout.chunk_file_bytes() : static_cast<Index>(H5Dget_storage_size(id.get())) / n_chunks;
  return layout;
}

PatternFile::PatternFile(const std::string& file, const std::string& dataset, const PatternLayout& layout,
                         Index cache_bytes)
    : name_(fmt::format("{}: {}", file, dataset)),
      layout_(layout),
      file_(open_file_read(file)),
      memory_type_(memory_datatype(layout.memory_type)) {
  const H5Id access = checked(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "H5Pcreate");
  if (layout.chunked())
    check_h5(H5Pset_chunk_cache(access.get(), static_cast<std::size_t>(layout.cache_slots()),
                                static_cast<std::size_t>(cache_bytes), 1.0),
             "H5Pset_chunk_cache");
  dataset_ = checked(H5Dopen2(file_.get(), dataset.c_str(), access.get()), H5Dclose, name_ + ": cannot be opened");
}

void PatternFile::read_box(const Box& box, std::byte* out) const {
  std::vector<Index> shape = layout_.info.shape;
  std::vector<Index> start{box.y0, box.x0, 0, 0};
  std::vector<Index> count{box.height(), box.width(), shape[shape.size() - 2], shape.back()};
  for (std::vector<Index>* axes : {&start, &count})
    if (layout_.is_list()) axes->erase(axes->begin());
  for (std::vector<Index>* axes : {&shape, &start, &count})
    if (layout_.of_channels) axes->erase(axes->end() - 2);
  const H5Id space = make_space(shape);
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
