#include "io/sources/source.hpp"

#include <algorithm>
#include <cmath>

namespace tessera {

namespace {

bool may_be_zero_or_negative(Quantity what) {
  switch (what) {
    case Quantity::C10_A:
    case Quantity::scan_rotation_deg:
    case Quantity::flip_y:
    case Quantity::flip_x:
    case Quantity::transpose:
      return true;
    default:
      return false;
  }
}

}  // namespace

void SourceFacts::add(Quantity what, std::vector<double> values, std::string where) {
  const bool usable = !values.empty() && std::ranges::all_of(values, [&](double value) {
    return std::isfinite(value) && (value > 0 || may_be_zero_or_negative(what));
  });
  if (usable && find(what) == nullptr) facts.push_back({what, std::move(values), std::move(where)});
}

const Fact* SourceFacts::find(Quantity what) const {
  const auto found = std::ranges::find(facts, what, &Fact::what);
  return found == facts.end() ? nullptr : &*found;
}

Index ScanMap::frame_of(Index position) const {
  if (shape.size() == 1) return first + position;
  const Index y = position / shape[1], x = position % shape[1];
  if (order == ScanOrder::columns) return first + x * line + y;
  return first + y * line + (order == ScanOrder::snake && y % 2 == 1 ? shape[1] - 1 - x : x);
}

Index SourceDescription::pattern_ny() const { return layout.info.shape.end()[transposed ? -1 : -2]; }
Index SourceDescription::pattern_nx() const { return layout.info.shape.end()[transposed ? -2 : -1]; }

std::vector<Index> SourceDescription::shape() const {
  std::vector<Index> all = map.shape;
  if (!layout.of_channels) all.push_back(pattern_ny());
  all.push_back(pattern_nx());
  return all;
}

ScanMap scan_map(const SourceRequest& request, const PatternLayout& layout, const std::vector<Index>& shape,
                 const std::string& name) {
  ScanMap map{.shape = request.scan_shape.empty() ? shape : request.scan_shape,
              .first = request.first_frame,
              .order = request.order};
  if (request.scan_shape.empty() && shape.size() == 1) map.shape[0] = std::max<Index>(1, shape[0] - map.first);
  if (map.shape.size() == 2) {
    const Index along = map.shape[map.order == ScanOrder::columns ? 0 : 1];
    map.line = request.line_frames == 0 ? along : request.line_frames;
    if (map.line < along)
      throw InputError(ExitCode::run_file,
                       fmt::format("data.line_frames is {}, but a line of the scan has {} positions", map.line, along));
  } else if (request.line_frames > 0 || request.order != ScanOrder::rows) {
    throw InputError(ExitCode::run_file,
                     fmt::format("data.line_frames and data.scan_order are of a raster, but {} is a list of {} "
                                 "patterns; give data.scan_shape",
                                 name, map.shape[0]));
  }
  // The last position is not the last frame where lines go back and forth.
  const bool list = map.shape.size() == 1, columns = map.order == ScanOrder::columns;
  const double lines = list ? 1 : static_cast<double>(map.shape[columns ? 1 : 0]);
  const double along = static_cast<double>(map.shape[list || columns ? 0 : 1]);
  const double needed = static_cast<double>(map.first) + (lines - 1) * static_cast<double>(map.line) + along;
  if (needed > static_cast<double>(layout.n_patterns()))
    throw InputError(
        ExitCode::run_file,
        fmt::format("{} has {} patterns, but a scan of ({}) from frame {} on needs {:.0f}; check data.scan_shape, "
                    "data.first_frame and data.line_frames",
                    name, layout.n_patterns(), fmt::join(map.shape, ", "), map.first, needed));
  return map;
}

}  // namespace tessera
