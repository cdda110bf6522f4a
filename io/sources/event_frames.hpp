#pragma once

#include <memory>

#include "io/sources/frame_reader.hpp"

namespace tessera {

/// Lists of the pixels that electrons hit (HDF5 lists of variable length), expanded to counts as they are read: a pixel
/// counts how often it is listed. InputError for pixels beyond the frame, and for counts beyond the memory type.
std::unique_ptr<FrameReader> open_list_frames(const SourceDescription& source);

/// The same of one list for all patterns (io/event_lists.hpp). Cost: a number of every pattern on each rank.
std::unique_ptr<FrameReader> open_event_frames(const SourceDescription& source);
/// Bytes that it holds: where the electrons of each pattern begin, the counts from which that is made, a piece of the
/// list.
constexpr Index held_of_events(Index patterns) { return 16 * patterns + (Index{4} << 20); }

}  // namespace tessera
