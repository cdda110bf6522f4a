#include "io/written.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "io/virtual_sources.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

constexpr int deepest = 8;  // sources that are virtual themselves

/// The dataset that is looked at.
struct Place {
  const H5Id& dataset;
  const H5Id& creation;
  std::string file, name;
  std::vector<Index> shape;
  int depth;

  std::string text() const { return fmt::format("{}: {}{}", file, name.starts_with('/') ? "" : "/", name); }
};

[[noreturn]] void refuse(ExitCode code, const Place& place, const std::string& what) {
  throw InputError(code, fmt::format("{} {}", place.text(), what));
}

void check(const H5Id& dataset, const std::string& file, const std::string& name, const Part& part, int depth);

/// The first element of the part along an axis that lies beyond the chunk of element i.
Index next_chunk(const Part& part, std::size_t axis, hsize_t chunk, Index i) {
  const Index length = static_cast<Index>(chunk), step = part.step[axis];
  const Index beyond = (i / length + 1) * length;
  return i + std::max<Index>(1, (beyond - i + step - 1) / step) * step;
}

void refuse_chunk(const Place& place, const std::vector<hsize_t>& offset, const std::vector<hsize_t>& chunk) {
  const H5Id space = checked(H5Dget_space(place.dataset.get()), H5Sclose, "H5Dget_space");
  hsize_t written = 0;
  check_h5(H5Dget_num_chunks(place.dataset.get(), space.get(), &written), "H5Dget_num_chunks");
  if (written == 0) refuse(ExitCode::data_wrong, place, "was never written: it would be read as zeros");
  double all = 1;
  for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
    const hsize_t along = (static_cast<hsize_t>(place.shape[axis]) + chunk[axis] - 1) / chunk[axis];
    all *= static_cast<double>(along);
  }
  refuse(
      ExitCode::data_wrong, place,
      fmt::format("holds {} of {:.0f} chunks ({:.3g} % is missing), and that from ({}) on, which is wanted, was never "
                  "written: it would be read as zeros; leave out what was not recorded",
                  written, all, 100 * (1 - static_cast<double>(written) / all), fmt::join(offset, ", ")));
}

/// Ends at the first chunk that is missing, so that the cost is that of the chunks which exist.
void check_chunks(const Place& place, const Part& part) {
  const std::size_t axes = place.shape.size();
  std::vector<hsize_t> chunk(axes), offset(axes);
  check_h5(H5Pget_chunk(place.creation.get(), static_cast<int>(axes), chunk.data()), "H5Pget_chunk");
  std::vector<Index> at = part.start;
  for (std::size_t axis = 1; axis > 0;) {
    for (std::size_t i = 0; i < axes; ++i) offset[i] = static_cast<hsize_t>(at[i]) / chunk[i] * chunk[i];
    hsize_t bytes = 0;
    if (H5Dget_chunk_storage_size(place.dataset.get(), offset.data(), &bytes) < 0 || bytes == 0)
      refuse_chunk(place, offset, chunk);
    for (axis = axes; axis > 0; --axis) {
      Index& i = at[axis - 1];
      i = next_chunk(part, axis - 1, chunk[axis - 1], i);
      if (i < part.start[axis - 1] + part.count[axis - 1] * part.step[axis - 1]) break;
      i = part.start[axis - 1];
    }
  }
}

/// Where HDF5 looks for an external file: absolute, behind a prefix, or in the working directory.
fs::path external_path(const Place& place, const std::string& name) {
  if (fs::path(name).is_absolute()) return name;
  const char* const prefix = std::getenv("HDF5_EXTFILE_PREFIX");
  if (prefix == nullptr || *prefix == 0) return name;
  const std::string origin = "${ORIGIN}", text = prefix;
  if (!text.starts_with(origin)) return fs::path(text) / name;
  return fs::path(fs::absolute(place.file).parent_path().string() + text.substr(origin.size())) / name;
}

void check_external(const Place& place, double bytes_left) {
  const int n = H5Pget_external_count(place.creation.get());
  for (int i = 0; i < n; ++i) {
    std::vector<char> name(4096, 0);
    off_t offset = 0;
    hsize_t size = 0;
    check_h5(
        H5Pget_external(place.creation.get(), static_cast<unsigned>(i), name.size() - 1, name.data(), &offset, &size),
        "H5Pget_external");
    const fs::path path = external_path(place, name.data());
    std::error_code error;
    const auto has = static_cast<double>(fs::file_size(path, error));
    if (error)
      refuse(ExitCode::data_missing, place,
             fmt::format("keeps its values in the external file {}, which cannot be read ({})", path.string(),
                         error.message()));
    const double here = size == H5F_UNLIMITED ? bytes_left : std::min(bytes_left, static_cast<double>(size));
    if (has < static_cast<double>(offset) + here)
      refuse(
          ExitCode::data_wrong, place,
          fmt::format("keeps its values in the external file {}, but {} has {:.0f} bytes of {:.0f}: the rest would be "
                      "read as zeros",
                      path.string(), path.filename().string(), has, static_cast<double>(offset) + here));
    bytes_left -= here;
  }
}

void check_contiguous(const Place& place) {
  if (H5Pget_external_count(place.creation.get()) > 0) {
    const H5Id type = checked(H5Dget_type(place.dataset.get()), H5Tclose, "H5Dget_type");
    check_external(place,
                   static_cast<double>(element_count(place.shape)) * static_cast<double>(H5Tget_size(type.get())));
    return;
  }
  H5D_space_status_t status = H5D_SPACE_STATUS_ALLOCATED;
  check_h5(H5Dget_space_status(place.dataset.get(), &status), "H5Dget_space_status");
  if (status == H5D_SPACE_STATUS_NOT_ALLOCATED)
    refuse(ExitCode::data_wrong, place, "was never written: it would be read as zeros");
  const H5Id file = checked(H5Iget_file_id(place.dataset.get()), H5Fclose, "H5Iget_file_id");
  hsize_t file_bytes = 0;
  check_h5(H5Fget_filesize(file.get(), &file_bytes), "H5Fget_filesize");
  if (H5Dget_offset(place.dataset.get()) != HADDR_UNDEF && H5Dget_storage_size(place.dataset.get()) > file_bytes)
    refuse(ExitCode::data_wrong, place,
           fmt::format("should have {} bytes, but the file has {}: it is damaged",
                       H5Dget_storage_size(place.dataset.get()), file_bytes));
}

void check_sources(const Place& place, const Part& part) {
  if (place.depth == deepest) refuse(ExitCode::data_wrong, place, "is virtual, of virtual datasets, more than 8 deep");
  const VirtualMap map(place.dataset, place.file, place.name);
  std::string open_name;
  H5Id file, dataset;
  const double found = map.each_source(part, [&](const VirtualMap::Source& source) {
    if (source.file.empty())
      refuse(ExitCode::data_missing, place,
             fmt::format("is virtual, and its source {} cannot be opened: put it beside {}, or where it was when the "
                         "file was made",
                         source.named, fs::path(place.file).filename().string()));
    if (open_name != source.file + '\n' + source.dataset) {
      file = open_file_read(source.file);
      dataset = open_dataset(file.get(), source.file, source.dataset);
      open_name = source.file + '\n' + source.dataset;
    }
    const H5Id space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
    const std::vector<Index> shape = extents_of(space.get());
    const Part wanted = source.part.start.empty() ? whole_of(shape) : source.part;
    bool holds = shape.size() == wanted.start.size();
    for (std::size_t axis = 0; holds && axis < shape.size(); ++axis)
      holds = wanted.start[axis] + (wanted.count[axis] - 1) * wanted.step[axis] < shape[axis];
    if (!holds)
      refuse(ExitCode::data_wrong, place,
             fmt::format("is virtual, and its source {} {} of shape ({}) does not reach as far as it says", source.file,
                         source.dataset, fmt::join(shape, ", ")));
    check(dataset, source.file, source.dataset, wanted, place.depth + 1);
  });
  if (found < 1)
    refuse(ExitCode::data_wrong, place,
           fmt::format("is virtual, and no source is named for {:.3g} % of what is wanted: it would be read as zeros",
                       100 * (1 - found)));
}

void check(const H5Id& dataset, const std::string& file, const std::string& name, const Part& part, int depth) {
  if (std::ranges::find(part.count, 0) != part.count.end()) return;
  const H5Id creation = checked(H5Dget_create_plist(dataset.get()), H5Pclose, "H5Dget_create_plist");
  const H5Id space = checked(H5Dget_space(dataset.get()), H5Sclose, "H5Dget_space");
  const Place place{dataset, creation, file, name, extents_of(space.get()), depth};
  switch (H5Pget_layout(creation.get())) {
    case H5D_CHUNKED:
      return check_chunks(place, part);
    case H5D_CONTIGUOUS:
      return check_contiguous(place);
    case H5D_VIRTUAL:
      return check_sources(place, part);
    default:  // compact: the values lie in the header
      return;
  }
}

}  // namespace

Part whole_of(const std::vector<Index>& shape) {
  return {std::vector<Index>(shape.size(), 0), std::vector<Index>(shape.size(), 1), shape};
}

void require_written(const H5Id& dataset, const std::string& file, const std::string& name, const Part& part) {
  check(dataset, file, name, part, 0);
}

void require_written(const std::string& file, const std::string& name, const Part& part) {
  const H5Id file_id = open_file_read(file);
  check(open_dataset(file_id.get(), file, name), file, name, part, 0);
}

}  // namespace tessera
