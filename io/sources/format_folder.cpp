#include <filesystem>

#include "io/sources/file_names.hpp"
#include "io/sources/formats.hpp"
#include "io/sources/h5_frames.hpp"
#include "io/sources/mib.hpp"
#include "io/sources/npy.hpp"
#include "io/sources/picture_frames.hpp"
#include "io/sources/raw_frames.hpp"
#include "io/sources/small_files.hpp"
#include "src/base/file_kind.hpp"

namespace tessera {

namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {}", file, what));
}

/// Raw frames in several files, each of which holds `each` of them; 0: as many as fit.
void add_raw_parts(const NamedFiles& names, Index each, Index ny, Index nx, Source& source) {
  SourceDescription& d = source.description;
  require_pattern(ny, nx, names.files[0]);
  const Index frame_bytes = ny * nx * d.element.bytes;
  d.kind = FrameKind::raw;
  if (d.stride_bytes == 0) d.stride_bytes = frame_bytes;
  Index frames = 0;
  for (const std::string& file : names.files) {
    const Index here = frames_in(file, {d.offset_bytes, d.stride_bytes, frame_bytes}, each, source.facts.warnings);
    d.parts.push_back({.file = file, .count = here});
    frames += here;
  }
  d.layout = raw_layout(frames, ny, nx, d.element);
}

/// Frames of a shape (ky, kx), (1, ky, kx) or (n, ky, kx): how many.
Index frames_of(const std::vector<Index>& shape, const std::string& file) {
  if (shape.size() < 2 || shape.size() > 4)
    refuse(file, fmt::format("has the shape ({}), not that of patterns", fmt::join(shape, ",")));
  return element_count(std::span(shape).first(shape.size() - 2));
}

void look_at_arrays(const NamedFiles& names, Source& source) {
  const NpyHeader first = read_npy_header(names.files[0]);
  if (first.fortran_order) refuse(names.files[0], "lies in Fortran order; save numpy.ascontiguousarray of it");
  const Index each = frames_of(first.shape, names.files[0]);
  if (each == 0) refuse(names.files[0], "is empty");
  for (const std::string& file : names.files) {
    const NpyHeader one = read_npy_header(file);
    const bool same = one.shape == first.shape && one.offset_bytes == first.offset_bytes && !one.fortran_order &&
                      one.element.kind == first.element.kind && one.element.bytes == first.element.bytes &&
                      one.element.big_endian == first.element.big_endian;
    if (!same)
      refuse(file, fmt::format("has another shape or type than {}, ({}) of {}", names.files[0],
                               fmt::join(first.shape, ","), element_name(first.element)));
  }
  source.description.element = first.element;
  source.description.offset_bytes = first.offset_bytes;
  add_raw_parts(names, each, first.shape.end()[-2], first.shape.back(), source);
}

void look_at_pictures(const NamedFiles& names, Source& source) {
  const PicturePage page = picture_pages(names.files[0], 1)[0];
  SourceDescription& d = source.description;
  d.kind = FrameKind::picture;
  for (const std::string& file : names.files) d.parts.push_back({.file = file, .count = 1});
  d.layout = raw_layout(static_cast<Index>(names.files.size()), page.ny, page.nx, page.element);
  d.element = page.element;
}

/// The dataset of the first file; the others have it, too, or are refused when they are read.
void look_at_datasets(const SourceRequest& request, const NamedFiles& names, Source& source) {
  const OpenFile file(names.files[0]);
  std::string dataset = request.dataset;
  if (dataset.empty()) {
    for (const ListedDataset& listed : file.list().datasets) {
      const std::size_t axes = listed.info.shape.size();
      if (!listed.info.numeric || axes < 2 || axes > 4 || element_count(listed.info.shape) < 64) continue;
      if (!dataset.empty())
        refuse(names.files[0], fmt::format("holds several arrays, {} and {}; name that of the pattern, data.patterns",
                                           dataset, listed.path));
      dataset = listed.path;
    }
    if (dataset.empty())
      refuse(names.files[0], "holds no array of two to four axes; name that of the pattern, data.patterns");
  }
  const DatasetInfo info = file.info(dataset);
  const Index each = frames_of(info.shape, names.files[0]);
  SourceDescription& d = source.description;
  d.kind = FrameKind::hdf5;
  for (const std::string& name : names.files) d.parts.push_back({.file = name, .dataset = dataset, .count = each});
  const bool kept = info.type == StoredType::u8 || info.type == StoredType::u16 || info.type == StoredType::u32;
  d.layout.info = info;
  d.layout.info.shape = {each * static_cast<Index>(names.files.size()), info.shape.end()[-2], info.shape.back()};
  d.layout.info.chunk.clear();
  d.layout.info.contiguous = true;
  d.layout.memory_type = kept ? info.type : StoredType::f32;
  d.layout.file_pixel_bytes = bytes_of(d.layout.memory_type);
}

void look_at_mib_parts(const NamedFiles& names, Source& source) {
  constexpr Index enough_bytes = 1024;
  const MibHeader header = mib_header(read_bytes(names.files[0], 0, enough_bytes), names.files[0]);
  SourceDescription& d = source.description;
  d.element = header.element;
  d.offset_bytes = header.header_bytes;
  d.stride_bytes = header.header_bytes + header.ny * header.nx * header.element.bytes;
  add_raw_parts(names, 0, header.ny, header.nx, source);
}

void look_at_raw_parts(const SourceRequest& request, const NamedFiles& names, Source& source) {
  const RawRequest& raw = request.raw;
  if (raw.shape.empty() || raw.type.empty())
    throw InputError(
        ExitCode::run_file,
        fmt::format("{}: is {}; where it is raw numbers, give data.raw.shape, (Ky, Kx) or (N, Ky, Kx) of a file, "
                    "and data.raw.type, as uint16",
                    names.files[0], file_kind(names.files[0])));
  SourceDescription& d = source.description;
  d.element = *raw_element(raw.type);
  d.element.big_endian = raw.big_endian;
  d.offset_bytes = raw.offset_bytes;
  require_pattern(raw.shape.end()[-2], raw.shape.back(), names.files[0]);
  d.stride_bytes = raw.shape.end()[-2] * raw.shape.back() * d.element.bytes + raw.gap_bytes;
  const Index each = element_count(std::span(raw.shape).first(raw.shape.size() - 2));
  add_raw_parts(names, each, raw.shape.end()[-2], raw.shape.back(), source);
}

}  // namespace

Source look_at_folder(const SourceRequest& request) {
  const NamedFiles names = named_files(request.file);
  const std::string kind = file_kind(names.files[0]);
  Source source;
  const bool is_raw = request.format == "raw";
  if (!is_raw && kind == "a NumPy file")
    look_at_arrays(names, source);
  else if (!is_raw && kind == "a TIFF picture")
    look_at_pictures(names, source);
  else if (!is_raw && kind == "an HDF5 file")
    look_at_datasets(request, names, source);
  else if (!is_raw && std::filesystem::path(names.files[0]).extension() == ".mib")
    look_at_mib_parts(names, source);
  else
    look_at_raw_parts(request, names, source);
  SourceDescription& d = source.description;
  d.format = "folder";
  d.name = request.file;
  const bool one_each = d.layout.n_patterns() == static_cast<Index>(names.files.size());
  d.map = scan_map(request, d.layout, one_each ? names.scan : std::vector<Index>{d.layout.n_patterns()}, d.name);
  return source;
}

Source look_at_tiff(const SourceRequest& request) {
  constexpr std::size_t most = 10'000'000;
  const std::vector<PicturePage> pages = picture_pages(request.file, most);
  Source source;
  SourceDescription& d = source.description;
  d.format = "tiff";
  d.name = request.file;
  d.kind = FrameKind::picture;
  for (const PicturePage& page : pages)
    d.parts.push_back({.file = request.file, .dataset = std::to_string(page.directory_bytes), .count = 1});
  d.layout = raw_layout(static_cast<Index>(pages.size()), pages[0].ny, pages[0].nx, pages[0].element);
  d.element = pages[0].element;
  d.map = scan_map(request, d.layout, {static_cast<Index>(pages.size())}, d.name);
  return source;
}

}  // namespace tessera
