#include <algorithm>
#include <filesystem>

#include "io/sources/formats.hpp"
#include "io/sources/npy.hpp"
#include "io/sources/raw_frames.hpp"
#include "io/sources/small_files.hpp"

namespace tessera {

void require_pattern(Index ny, Index nx, const std::string& name) {
  if (ny >= 1 && nx >= 1 && ny <= most_pattern_px && nx <= most_pattern_px) return;
  throw InputError(ExitCode::data_wrong, fmt::format("{}: a pattern of {} x {} pixels cannot be; it has 1 to {} a side",
                                                     name, ny, nx, most_pattern_px));
}

Source raw_source(const SourceRequest& request, const RawFile& raw) {
  require_pattern(raw.ny, raw.nx, raw.file);
  const Index frame_bytes = raw.ny * raw.nx * raw.element.bytes;
  const RawExtent extent{raw.offset_bytes, frame_bytes + raw.gap_bytes, frame_bytes};
  Source source;
  SourceDescription& d = source.description;
  const Index frames = frames_in(raw.file, extent, raw.count, source.facts.warnings);
  d.format = raw.format;
  d.name = raw.file;
  d.layout = raw_layout(frames, raw.ny, raw.nx, raw.element);
  d.kind = FrameKind::raw;
  d.parts = {{.file = raw.file, .count = frames}};
  d.element = raw.element;
  d.offset_bytes = raw.offset_bytes;
  d.stride_bytes = extent.stride_bytes;
  d.map = scan_map(request, d.layout, raw.scan.empty() ? std::vector<Index>{frames} : raw.scan, d.name);
  return source;
}

Source look_at_raw(const SourceRequest& request) {
  const RawRequest& raw = request.raw;
  if (raw.shape.empty() || raw.type.empty())
    throw InputError(
        ExitCode::run_file,
        fmt::format("{}: a raw file says nothing of itself: give data.raw.shape, (Ky, Kx), (N, Ky, Kx) or (Ry, "
                    "Rx, Ky, Kx), and data.raw.type, as uint16",
                    request.file));
  RawFile file{.format = "raw",
               .file = request.file,
               .ny = raw.shape.end()[-2],
               .nx = raw.shape.back(),
               .element = *raw_element(raw.type),
               .offset_bytes = raw.offset_bytes,
               .gap_bytes = raw.gap_bytes};
  file.element.big_endian = raw.big_endian;
  file.scan = {raw.shape.begin(), raw.shape.end() - 2};
  file.count = file.scan.empty() ? 0 : element_count(file.scan);
  return raw_source(request, file);
}

Source look_at_npy(const SourceRequest& request) {
  const NpyHeader npy = read_npy_header(request.file);
  const std::size_t axes = npy.shape.size();
  if (npy.fortran_order && axes > 1)
    throw InputError(
        ExitCode::data_wrong,
        fmt::format(
            "{0}: lies in Fortran order, with the pixels of a pattern far apart; convert it: python3 -c \"import "
            "numpy; numpy.save('c_order.npy', numpy.ascontiguousarray(numpy.load('{0}', mmap_mode='r')))\"",
            request.file));
  if (axes != 3 && axes != 4)
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{} has the shape ({}); patterns have (N,Ky,Kx) or (Ry,Rx,Ky,Kx)", request.file,
                                 fmt::join(npy.shape, ",")));
  if (std::ranges::find(npy.shape, 0) != npy.shape.end())
    throw InputError(ExitCode::data_wrong, fmt::format("{} has the shape ({}); no axis may be empty", request.file,
                                                       fmt::join(npy.shape, ",")));
  const std::vector<Index> scan(npy.shape.begin(), npy.shape.end() - 2);
  Source source = raw_source(request, {.format = "npy",
                                       .file = request.file,
                                       .ny = npy.shape[axes - 2],
                                       .nx = npy.shape[axes - 1],
                                       .element = npy.element,
                                       .offset_bytes = npy.offset_bytes,
                                       .count = element_count(scan),
                                       .scan = scan});
  const std::string beside = request.file.substr(0, request.file.rfind('.')) + ".json";
  std::error_code error;
  if (std::filesystem::is_regular_file(beside, error)) {
    source.description.format = "nion";
    add_nion_facts(read_metadata_text(beside), beside, source.facts);
  }
  return source;
}

}  // namespace tessera
