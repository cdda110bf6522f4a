#include "io/sources/h5_frames.hpp"

#include <algorithm>
#include <complex>

#include "io/written.hpp"

namespace tessera {

namespace {

class H5FrameReader final : public FrameReader {
 public:
  H5FrameReader(const SourceDescription& source, Index cache_bytes)
      : source_(source),
        layout_(source.layout),
        is_complex_(layout_.info.type == StoredType::complex64 || layout_.info.type == StoredType::complex128),
        access_(checked(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "H5Pcreate")) {
    if (layout_.chunked())
      check_h5(H5Pset_chunk_cache(access_.get(), static_cast<std::size_t>(layout_.cache_slots()),
                                  static_cast<std::size_t>(cache_bytes), 1.0),
               "H5Pset_chunk_cache");
    Index first = 0;
    for (const FramePart& part : source.parts) {
      firsts_.push_back(first);
      first += part.count;
    }
    open_part(0);
  }

  void read_box(const Box& box, std::byte* out) override {
    if (source_.parts.size() == 1) return read_part(box, out);
    for (Index x = box.x0; x < box.x1;) {
      const auto part = static_cast<std::size_t>(std::ranges::upper_bound(firsts_, x) - firsts_.begin()) - 1;
      const Index first = firsts_[part], end = std::min(box.x1, first + source_.parts[part].count);
      open_part(part);
      read_part({0, x - first, 1, end - first}, out);
      out += (end - x) * layout_.pattern_bytes();
      x = end;
    }
  }

 private:
  void open_part(std::size_t part) {
    if (file_.valid() && part == open_part_) return;
    const FramePart& p = source_.parts[part];
    const bool same_file = file_.valid() && p.file == source_.parts[open_part_].file;
    dataset_ = {};
    if (!same_file) file_ = open_file_read(p.file);
    name_ = fmt::format("{}: {}", p.file, p.dataset);
    dataset_ = checked(H5Dopen2(file_.get(), p.dataset.c_str(), access_.get()), H5Dclose, name_ + ": cannot be opened");
    const H5Id space = checked(H5Dget_space(dataset_.get()), H5Sclose, "H5Dget_space");
    shape_ = extents_of(space.get());
    const H5Id type = checked(H5Dget_type(dataset_.get()), H5Tclose, "H5Dget_type");
    memory_type_ = memory_datatype_like(type.get(), is_complex_ ? StoredType::complex64 : layout_.memory_type);
    require_alike(p);
    open_part_ = part;
  }

  /// Another file of the same folder may hold something else than the first.
  void require_alike(const FramePart& part) const {
    const auto& stored = layout_.info.shape;
    const bool channels = layout_.of_channels;
    const bool alike = shape_.size() >= (channels ? 1U : 2U) && shape_.back() == stored.back() &&
                       (channels || shape_.end()[-2] == stored.end()[-2]) &&
                       element_count(shape_) == part.count * stored.back() * stored.end()[-2];
    if (!alike)
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{} has the shape ({}), which does not hold {} patterns of ({})", name_,
                                   fmt::join(shape_, ","), part.count, fmt::join(std::span(stored).last(2), ",")));
  }

  /// The frames of a box of the part's rows and columns.
  void read_part(const Box& box, std::byte* out) {
    const std::size_t inner = layout_.of_channels ? 1 : 2;
    std::vector<Index> start(shape_.size(), 0), count(shape_.size(), 1);
    for (std::size_t axis = shape_.size() - inner; axis < shape_.size(); ++axis) count[axis] = shape_[axis];
    if (shape_.size() > inner) {
      // Of a list the position is along the first axis; those between have length 1.
      const std::size_t x_axis = layout_.is_list() ? 0 : 1;
      start[x_axis] = box.x0;
      count[x_axis] = box.width();
      if (x_axis == 1) {
        start[0] = box.y0;
        count[0] = box.height();
      }
    }
    const H5Id space = make_space(shape_);
    const H5Id memory = make_space(count);
    check_h5(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, as_hsize(start).data(), nullptr, as_hsize(count).data(),
                                 nullptr),
             "H5Sselect_hyperslab");
    void* to = out;
    if (is_complex_) {
      waves_.resize(static_cast<std::size_t>(element_count(count)));
      to = waves_.data();
    }
    if (H5Dread(dataset_.get(), memory_type_.get(), memory.get(), space.get(), H5P_DEFAULT, to) < 0)
      throw InputError(
          ExitCode::data_wrong,
          fmt::format("{}: the box from ({}) of ({}) cannot be read: HDF5 says: {}; the file may be damaged", name_,
                      fmt::join(start, ","), fmt::join(count, ","), h5_reason()));
    if (is_complex_) std::ranges::transform(waves_, reinterpret_cast<float*>(out), [](auto z) { return std::norm(z); });
  }

  const SourceDescription& source_;
  const PatternLayout& layout_;
  bool is_complex_;
  H5Id access_;
  std::vector<Index> firsts_;
  std::size_t open_part_ = 0;
  std::string name_;
  std::vector<Index> shape_;
  H5Id file_, dataset_, memory_type_;
  std::vector<std::complex<float>> waves_;
};

}  // namespace

void require_countable(const PatternLayout& layout, const std::string& name) {
  const auto &shape = layout.info.shape, &chunk = layout.info.chunk;
  double bytes = static_cast<double>(std::max(layout.file_pixel_bytes, bytes_of(layout.memory_type)));
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    bytes *= static_cast<double>(shape[axis]) + static_cast<double>(chunk.empty() ? 0 : chunk[axis]);
  if (bytes > beyond_disks_bytes)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{} has the shape ({}), which no disk holds; the file is damaged, or another dataset "
                                 "is meant: name it as data.patterns",
                                 name, fmt::join(shape, ",")));
}

PatternLayout pattern_layout(const std::string& file, const std::string& dataset, PatternAxes axes,
                             bool may_be_complex) {
  PatternLayout layout;
  layout.info = dataset_info(file, dataset);
  layout.of_channels = axes == PatternAxes::channels;
  for (std::vector<Index>* extents : {&layout.info.shape, &layout.info.chunk})
    if (layout.of_channels && !extents->empty()) extents->insert(extents->end() - 1, 1);
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
  const StoredType stored = layout.info.type;
  const bool complex = stored == StoredType::complex64 || stored == StoredType::complex128;
  if (!is_numeric(type.get()) && !(complex && may_be_complex))
    throw InputError(ExitCode::data_wrong, name + " does not hold real numbers; store counts as integers or floats");
  const int n_filters = require_filters(id, name);
  const bool kept = stored == StoredType::u8 || stored == StoredType::u16 || stored == StoredType::u32;
  layout.memory_type = kept ? stored : StoredType::f32;
  layout.file_pixel_bytes = static_cast<Index>(H5Tget_size(type.get()));
  require_countable(layout, name);
  // The second of two filters makes a whole chunk from one.
  const Index n_chunks = layout.n_groups() * layout.group_file_bytes() / std::max<Index>(1, layout.chunk_file_bytes());
  if (n_filters > 0)
    layout.filter_bytes =
        n_filters > 1 ? layout.chunk_file_bytes() : static_cast<Index>(H5Dget_storage_size(id.get())) / n_chunks;
  return layout;
}

std::unique_ptr<FrameReader> open_h5_frames(const SourceDescription& source, Index cache_bytes) {
  return std::make_unique<H5FrameReader>(source, cache_bytes);
}

}  // namespace tessera
