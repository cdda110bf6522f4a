#include <algorithm>

#include "io/event_lists.hpp"
#include "io/h5.hpp"
#include "io/sources/formats.hpp"
#include "io/sources/h5_layouts.hpp"
#include "io/sources/raw_frames.hpp"

namespace tessera {

namespace {

constexpr const char* lists = "/electron_events/frames";
constexpr const char* scan_positions = "/electron_events/scan_positions";

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw InputError(ExitCode::data_wrong, fmt::format("{}: {}", file, what));
}

bool may_mean(const SourceRequest& request, const std::string& dataset) {
  return request.dataset.empty() || names_dataset(request, dataset);
}

Index length(const OpenFile& file, const std::string& dataset, const char* name, Index otherwise) {
  const auto value = file.attribute(dataset, name);
  if (!value || value->empty()) return otherwise;
  constexpr double most = 1e6;
  if (!(value->front() >= 1 && value->front() <= most))
    refuse(file.name(), fmt::format("{} of {} is {}, which no length can be", name, dataset, value->front()));
  return static_cast<Index>(value->front());
}

void require_lists(const std::string& file) {
  const H5Id id = open_file_read(file);
  const H5Id dataset = open_dataset(id.get(), file, lists);
  const H5Id type = checked(H5Dget_type(dataset.get()), H5Tclose, "H5Dget_type");
  if (H5Tget_class(type.get()) != H5T_VLEN) refuse(file, fmt::format("{} holds no lists of electrons", lists));
  const H5Id element = checked(H5Tget_super(type.get()), H5Tclose, "H5Tget_super");
  if (H5Tget_class(element.get()) != H5T_INTEGER) refuse(file, fmt::format("{} holds no lists of pixels", lists));
  require_filters(dataset, fmt::format("{}: {}", file, lists));
}

void require_event_lists(const OpenFile& file) {
  const DatasetInfo pixels = file.info(EventLists::pixels), counts = file.info(EventLists::counts);
  const bool names_pixels =
      pixels.type == StoredType::u8 || pixels.type == StoredType::u16 || pixels.type == StoredType::u32;
  if (pixels.shape.size() != 1 || !names_pixels)
    refuse(file.name(), fmt::format("{} holds no list of pixels, which are unsigned integers", EventLists::pixels));
  if (counts.shape.empty() || counts.shape.size() > 2 || !counts.numeric)
    refuse(file.name(), fmt::format("{} holds no numbers of a scan", EventLists::counts));
  const H5Id id = open_file_read(file.name());
  require_filters(open_dataset(id.get(), file.name(), EventLists::pixels),
                  fmt::format("{}: {}", file.name(), EventLists::pixels));
  file.require_whole(EventLists::pixels);
}

/// The position of each list where it is not that of its place: version 2 puts what one list cannot say behind the
/// others.
std::vector<Index> positions_of_lists(const OpenFile& file, Index n_lists, Index n_positions) {
  const std::vector<double> stored = file.real(scan_positions);
  if (static_cast<Index>(stored.size()) != n_lists)
    refuse(file.name(), fmt::format("has {} lists of electrons, but {} scan_positions", n_lists, stored.size()));
  std::vector<Index> positions;
  bool in_order = n_lists == n_positions;
  for (const double one : stored) {
    if (!(one >= 0 && one < static_cast<double>(n_positions)))
      refuse(file.name(), fmt::format("{} holds {}, but the scan has {} positions", scan_positions, one, n_positions));
    in_order = in_order && static_cast<Index>(one) == static_cast<Index>(positions.size());
    positions.push_back(static_cast<Index>(one));
  }
  return in_order ? std::vector<Index>{} : positions;
}

}  // namespace

bool names_dataset(const SourceRequest& request, const std::string& dataset) {
  return request.dataset == dataset || "/" + request.dataset == dataset;
}

std::optional<Source> look_at_lists(const SourceRequest& request) {
  const OpenFile file(request.file);
  if (!may_mean(request, lists) || !file.has(lists) || !file.has(scan_positions)) return std::nullopt;
  require_lists(request.file);
  file.require_whole(lists);
  const Index n_lists = element_count(file.info(lists).shape);
  const std::vector<Index> scan{length(file, scan_positions, "Ny", 1), length(file, scan_positions, "Nx", n_lists)};
  constexpr Index camera_px = 576;
  const Index ny = length(file, lists, "Nx", camera_px),
              nx = length(file, lists, "Ny", camera_px);  // rows, then columns
  require_pattern(ny, nx, request.file);
  const Index positions = element_count(scan);
  const auto version = file.attribute("/", "version");
  const bool flat = version && !version->empty() && version->front() >= 3;
  if (n_lists == 0 || (flat && n_lists % positions != 0))
    refuse(request.file, fmt::format("has {} lists of electrons, but the scan has {} positions", n_lists, positions));
  Source source;
  SourceDescription& d = source.description;
  if (!flat) d.list_positions = positions_of_lists(file, n_lists, positions);
  const bool wide = request.raw.type == "uint16";
  d.format = "stempy";
  d.name = fmt::format("{}: {}", request.file, lists);
  d.layout = raw_layout(positions, ny, nx, {.kind = 'u', .bytes = wide ? 2 : 1});
  d.kind = FrameKind::lists;
  d.parts = {{.file = request.file, .dataset = lists, .count = n_lists}};
  d.map = scan_map(request, d.layout, scan, d.name);
  source.facts.add(Quantity::counts_per_electron, {1}, "stempy: one entry of a list is one electron");
  return source;
}

std::optional<Source> look_at_events(const SourceRequest& request) {
  const OpenFile file(request.file);
  if (!may_mean(request, EventLists::pixels) || !file.has(EventLists::pixels) || !file.has(EventLists::counts))
    return std::nullopt;
  require_event_lists(file);
  const DatasetInfo counts = file.info(EventLists::counts);
  const Index ny = length(file, EventLists::pixels, EventLists::rows, 0),
              nx = length(file, EventLists::pixels, EventLists::columns, 0);
  if (ny == 0 || nx == 0) refuse(request.file, fmt::format("{} lacks its attributes ky and kx", EventLists::pixels));
  require_pattern(ny, nx, request.file);
  const Index positions = element_count(counts.shape);
  if (positions == 0) refuse(request.file, fmt::format("{} is empty", EventLists::counts));
  bool wide = request.raw.type == "uint16";
  if (request.raw.type.empty() && file.has(EventLists::largest)) {
    const std::vector<double> most = file.real(EventLists::largest);
    wide = !most.empty() && most.front() > 254;
  }
  Source source;
  SourceDescription& d = source.description;
  d.format = "events";
  d.name = fmt::format("{}: {}", request.file, EventLists::pixels);
  d.layout = raw_layout(positions, ny, nx, {.kind = 'u', .bytes = wide ? 2 : 1});
  d.kind = FrameKind::events;
  d.parts = {{.file = request.file, .dataset = EventLists::pixels, .count = positions}};
  d.map = scan_map(request, d.layout, counts.shape, d.name);
  source.facts.add(Quantity::counts_per_electron, {1}, "each entry of the list is one electron");
  const std::string places = "/positions_A";
  if (file.has(places) && file.info(places).shape == std::vector<Index>{positions, 2})
    source.facts.positions = plain_positions(request.file, places);
  if (file.has("/mask"))
    source.facts.mask = {.file = request.file, .dataset = "/mask", .where = request.file + ": /mask"};
  return source;
}

}  // namespace tessera
