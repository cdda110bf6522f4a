#include "src/workflow/input/pattern_sample.hpp"

#include <algorithm>
#include <set>

#include "io/sources/frame_reader.hpp"
#include "src/workflow/input/load_patterns.hpp"

namespace tessera {

namespace {

constexpr Index most_read_bytes = Index{1} << 30, most_held_bytes = Index{1} << 27;

/// Places in `used`, pairs of neighbours, `pairs` of them.
std::vector<Index> spread_pairs(Index count, Index pairs) {
  std::vector<Index> places;
  for (Index k = 0; k < pairs; ++k) {
    const Index first = pairs == 1 ? 0 : k * (count - 2) / (pairs - 1);
    for (const Index place : {first, first + 1})
      if (place < count && (places.empty() || place > places.back())) places.push_back(place);
  }
  return places;
}

/// The most pairs that can be read at that cost; 0 where one is too dear.
Index affordable_pairs(const SourceDescription& source, std::span<const Index> used) {
  const PatternLayout& layout = source.layout;
  constexpr Index most_pairs = 32;
  const Index held =
      most_held_bytes / std::max<Index>(1, layout.info.shape.back() * layout.info.shape.end()[-2] * Index{8});
  Index pairs = std::min(most_pairs, held / 2);
  for (; pairs > 0; pairs /= 2) {
    std::set<Index> groups;
    for (const Index place : spread_pairs(static_cast<Index>(used.size()), pairs))
      groups.insert(layout.group_of(source.map.frame_of(used[place])));
    if (static_cast<Index>(groups.size()) <= most_read_bytes / std::max<Index>(1, layout.group_bytes())) break;
  }
  return pairs;
}

/// Appends a frame to the values as (ky, kx).
template <class Stored>
void append(const Stored* frame, const SourceDescription& source, PatternSample& sample) {
  if (!source.transposed) {
    sample.values.insert(sample.values.end(), frame, frame + sample.ny * sample.nx);
    return;
  }
  for (Index y = 0; y < sample.ny; ++y)
    for (Index x = 0; x < sample.nx; ++x) sample.values.push_back(frame[x * sample.ny + y]);
}

}  // namespace

PatternSample read_sample(const SourceDescription& source, std::span<const Index> used) {
  const PatternLayout& layout = source.layout;
  PatternSample sample{.ny = source.pattern_ny(), .nx = source.pattern_nx(), .values = {}};
  const Index pairs = used.size() < 2 ? static_cast<Index>(used.size()) : affordable_pairs(source, used);
  const auto frames = open_frames(source, std::min(layout.group_file_bytes(), most_held_bytes));
  std::vector<std::byte> raw(static_cast<std::size_t>(layout.pattern_bytes()));
  for (const Index place : spread_pairs(static_cast<Index>(used.size()), pairs)) {
    const Index frame = source.map.frame_of(used[place]);
    const Index row = frame / layout.columns(), column = frame % layout.columns();
    frames->read_box({row, column, row + 1, column + 1}, raw.data());
    with_pixel_type(pixel_type(layout.memory_type),
                    [&](auto zero) { append(reinterpret_cast<const decltype(zero)*>(raw.data()), source, sample); });
  }
  return sample;
}

}  // namespace tessera
