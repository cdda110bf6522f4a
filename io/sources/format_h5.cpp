#include <algorithm>

#include "io/sources/formats.hpp"
#include "io/sources/h5_frames.hpp"
#include "io/sources/h5_layouts.hpp"

namespace tessera {

namespace {

struct KnownLayout {
  const char* format;
  std::optional<H5Layout> (*look)(const H5Look&);
};

/// In the order in which they are tried: what is told by a mark first, what is told by a name last.
const std::vector<KnownLayout>& known_layouts() {
  static const std::vector<KnownLayout> all{{"emd", emd_layout},     {"dectris", dectris_layout},
                                            {"cxi", cxi_layout},     {"ptypy", ptypy_layout},
                                            {"hspy", hspy_layout},   {"adorym", adorym_layout},
                                            {"emd", old_emd_layout}, {"ptychoshelves", ptychoshelves_layout},
                                            {"nion", nion_layout}};
  return all;
}

H5Layout find_layout(const SourceRequest& request, const H5Look& look) {
  const bool automatic = request.format == "auto";
  for (const KnownLayout& known : known_layouts()) {
    if (!automatic && request.format != known.format) continue;
    auto layout = known.look(look);
    if (!layout) continue;
    const std::string& found = layout->parts[0].dataset;
    const bool named_other = !look.dataset.empty() && look.dataset != found && "/" + look.dataset != found;
    if (!named_other) return *layout;
    // Another dataset of that file: its calibration is the file's.
    H5Layout plain = *plain_layout(look);
    plain.format = layout->format;
    plain.facts = std::move(layout->facts);
    plain.facts.positions.reset();
    plain.facts.mask.reset();
    return plain;
  }
  if (!automatic && request.format != "hdf5")
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{}: has not the layout that data.format {} says; leave it out, and "
                                 "name the dataset as data.patterns",
                                 request.file, request.format));
  return *plain_layout(look);
}

/// One after the other: the layout of the first, of as many frames as all have.
PatternLayout joined_layout(const H5Layout& layout) {
  const FramePart& first = layout.parts[0];
  PatternLayout joined = pattern_layout(first.file, first.dataset, PatternAxes::pixels, layout.may_be_complex);
  double frames = 0;
  for (const FramePart& part : layout.parts) {
    const DatasetInfo info = dataset_info(part.file, part.dataset);
    const std::vector<Index>&shape = info.shape, &stored = joined.info.shape;
    if (info.type != joined.info.type || !info.numeric || shape.end()[-2] != stored.end()[-2] ||
        shape.back() != stored.back())
      throw InputError(ExitCode::data_wrong,
                       fmt::format("{}: {} has ({}) of {}, but {} has ({}) of {}; they must be alike", part.file,
                                   part.dataset, fmt::join(shape, ","), info.type_name, first.dataset,
                                   fmt::join(stored, ","), joined.info.type_name));
    frames += static_cast<double>(part.count);
  }
  auto& stored = joined.info.shape;
  stored = {static_cast<Index>(std::min(frames, beyond_disks_bytes)), stored.end()[-2], stored.back()};
  auto& chunk = joined.info.chunk;
  if (!chunk.empty()) chunk = {chunk[0], chunk.end()[-2], chunk.back()};
  require_countable(joined, fmt::format("{}: {} and what follows it", first.file, first.dataset));
  return joined;
}

}  // namespace

Source look_at_h5(const SourceRequest& request, PatternAxes axes) {
  if (request.format == "auto" || request.format == "stempy")
    if (auto lists = look_at_lists(request)) return *lists;
  if (request.format == "auto" || request.format == "events")
    if (auto events = look_at_events(request)) return *events;
  const OpenFile file(request.file);
  const H5Look look{file, file.list().datasets, request.dataset};
  H5Layout layout = find_layout(request, look);
  Source source{.description = {}, .facts = std::move(layout.facts)};
  SourceDescription& d = source.description;
  FramePart& first = layout.parts[0];
  d.format = layout.format;
  d.name = fmt::format("{}: {}", request.file, first.dataset);
  if (layout.parts.size() > 1) {
    d.layout = joined_layout(layout);
  } else {
    d.layout = pattern_layout(first.file, first.dataset, axes, layout.may_be_complex || request.amplitudes == true);
    first.count = d.layout.n_patterns();
  }
  const StoredType type = d.layout.info.type;
  const bool complex = type == StoredType::complex64 || type == StoredType::complex128;
  d.amplitudes = !complex && request.amplitudes.value_or(layout.amplitudes);
  d.transposed = layout.transposed;
  d.parts = std::move(layout.parts);
  std::vector<Index> scan(d.layout.info.shape.begin(), d.layout.info.shape.end() - 2);
  SourceRequest asked = request;
  if (layout.is_list) scan = {element_count(scan)};
  if (layout.columns && request.scan_shape.empty() && request.order == ScanOrder::rows) {
    std::ranges::reverse(scan);
    asked.order = ScanOrder::columns;
  }
  d.map = scan_map(asked, d.layout, scan, d.name);
  return source;
}

}  // namespace tessera
