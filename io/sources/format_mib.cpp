#include <algorithm>
#include <filesystem>
#include <sstream>

#include "io/sources/formats.hpp"
#include "io/sources/mib.hpp"
#include "io/sources/raw_frames.hpp"
#include "io/sources/small_files.hpp"
#include "src/base/words.hpp"

namespace tessera {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {}", file, what));
}

/// (Ry, Rx) of the .hdr file beside it, or empty.
std::vector<Index> scan_of(const std::string& header_file) {
  std::error_code error;
  if (!fs::is_regular_file(header_file, error)) return {};
  std::istringstream lines(read_metadata_text(header_file));
  Index nx = 0, ny = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto value = as_number(line.substr(colon + 1));
    constexpr double most = 1e6;
    if (!value || *value < 1 || *value > most) continue;
    const std::string key = trimmed(line.substr(0, colon));
    if (key == "ScanX") nx = static_cast<Index>(*value);
    if (key == "ScanY") ny = static_cast<Index>(*value);
  }
  return nx > 0 && ny > 0 ? std::vector<Index>{ny, nx} : std::vector<Index>{};
}

}  // namespace

MibHeader mib_header(const std::string& bytes, const std::string& file) {
  std::vector<std::string> fields;
  std::istringstream text(bytes.substr(0, bytes.find('\0')));
  for (std::string field; std::getline(text, field, ',');) fields.push_back(trimmed(field));
  constexpr std::size_t least_fields = 8;
  if (fields.size() < least_fields || fields[0] != "MQ1") refuse(file, "has no header of a Merlin detector (MQ1)");
  const auto number = [&](std::size_t i, double most) {
    const auto value = as_number(fields[i]);
    if (!value || *value < 1 || *value > most || *value != static_cast<double>(static_cast<Index>(*value)))
      refuse(file, fmt::format("its header has {} as field {}, where a whole number from 1 to {} belongs",
                               shown(fields[i]), i, most));
    return static_cast<Index>(*value);
  };
  constexpr double longest_header = 1 << 20;
  MibHeader header{.header_bytes = number(2, longest_header),
                   .ny = number(5, most_pattern_px),
                   .nx = number(4, most_pattern_px),
                   .element = {.kind = 'u', .bytes = 1, .big_endian = true}};
  const std::string& type = fields[6];
  if (type == "U16") header.element.bytes = 2;
  if (type == "U32") header.element.bytes = 4;
  if (type == "R64")
    refuse(file,
           fmt::format("holds raw frames (R64), whose pixels lie shuffled; convert it, with its .hdr beside it: pip "
                       "install libertem, then python3 -c \"import numpy, libertem.api as lt; from libertem.udf.raw "
                       "import PickUDF; c = lt.Context.make_with('inline'); d = c.load('mib', path='{}'); "
                       "numpy.save('patterns.npy', c.run_udf(d, PickUDF(), roi=numpy.ones(tuple(d.shape.nav), "
                       "bool))['intensity'].data)\"",
                       fs::path(file).replace_extension(".hdr").string()));
  if (type != "U08" && type != "U16" && type != "U32")
    refuse(file, fmt::format("holds pixels of type {}; U08, U16 and U32 are read", shown(type)));
  return header;
}

Source look_at_mib(const SourceRequest& request) {
  fs::path path = request.file;
  if (path.extension() == ".hdr") path.replace_extension(".mib");
  const std::string file = path.string();
  constexpr Index enough_bytes = 1024;
  const MibHeader header = mib_header(read_bytes(file, 0, enough_bytes), file);
  fs::path beside = path;
  beside.replace_extension(".hdr");
  std::vector<Index> scan = scan_of(beside.string());
  const bool scan_given = !request.scan_shape.empty();
  if (scan_given) scan.clear();
  Source source = raw_source({.file = file}, {.format = "mib",
                                              .file = file,
                                              .ny = header.ny,
                                              .nx = header.nx,
                                              .element = header.element,
                                              .offset_bytes = header.header_bytes,
                                              .gap_bytes = header.header_bytes});
  SourceDescription& d = source.description;
  const Index frames = d.layout.n_patterns();
  // Each frame has a header of its own: the last one's is there if all have the size of the first.
  const std::string last = read_bytes(file, (frames - 1) * d.stride_bytes, enough_bytes);
  const MibHeader again = mib_header(last, file);
  if (again.header_bytes != header.header_bytes || again.ny != header.ny || again.nx != header.nx ||
      again.element.bytes != header.element.bytes)
    refuse(file, "its last frame has another shape, type or header than its first");
  const Index line = request.line_frames;
  if (!scan.empty() && line == 0 && request.first_frame + element_count(scan) != frames) {
    source.facts.warnings.push_back(fmt::format(
        "{}: has {} frames, but {} says ({}): give data.scan_shape, and data.first_frame or data.line_frames "
        "where some are no part of the scan",
        file, frames, beside.string(), fmt::join(scan, ", ")));
    if (request.first_frame + element_count(scan) > frames) scan.clear();
  }
  d.map = scan_map(request, d.layout, scan.empty() ? std::vector<Index>{frames} : scan, d.name);
  return source;
}

}  // namespace tessera
