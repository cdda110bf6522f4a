#include "src/workflow/input/data_shape.hpp"

#include <algorithm>

#include "src/workflow/input/data_source.hpp"

namespace tessera {

std::string shape_text(const std::vector<Index>& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

std::vector<Index> DataShape::whole() const {
  std::vector<Index> all = scan;
  all.insert(all.end(), pattern.begin(), pattern.end());
  return all;
}

Index DataShape::positions() const { return element_count(scan); }

std::vector<std::vector<Index>> DataShape::per_position(const std::vector<Index>& trailing) const {
  std::vector<std::vector<Index>> shapes{scan};
  if (scan.size() > 1) shapes.push_back({positions()});
  for (std::vector<Index>& shape : shapes) shape.insert(shape.end(), trailing.begin(), trailing.end());
  return shapes;
}

DataShape data_shape(const RunOptions& options, const std::vector<Index>& stored, bool of_channels) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(ExitCode::data_wrong,
                     fmt::format("{} has shape {}; {}", patterns_name(options.data), shape_text(stored), what));
  };
  const std::size_t inner = of_channels ? 1 : 2;
  if (stored.size() != inner + 1 && stored.size() != inner + 2)
    refuse(of_channels ? "it must be (N, channel) or (Ry, Rx, channel)" : "it must be (N, Ky, Kx) or (Ry, Rx, Ky, Kx)");
  if (std::ranges::find(stored, 0) != stored.end()) refuse("no axis may be empty");
  const auto split = stored.end() - static_cast<std::ptrdiff_t>(inner);
  return {.scan = {stored.begin(), split}, .pattern = {split, stored.end()}};
}

void require_shape(const RunOptions& options, const DataShape& data, const std::string& name,
                   const std::vector<Index>& shape, const std::vector<std::vector<Index>>& allowed) {
  if (std::ranges::find(allowed, shape) != allowed.end()) return;
  std::vector<std::string> texts;
  texts.reserve(allowed.size());
  for (const std::vector<Index>& one : allowed) texts.push_back(shape_text(one));
  const std::string patterns = options.data.patterns.empty() ? "the scan" : "data.patterns " + options.data.patterns;
  throw InputError(ExitCode::data_wrong,
                   fmt::format("{} has shape {}, but {} has shape {}: it must be {}", name, shape_text(shape), patterns,
                               shape_text(data.whole()), fmt::join(texts, " or ")));
}

}  // namespace tessera
