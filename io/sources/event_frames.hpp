#pragma once

#include <memory>

#include "io/sources/frame_reader.hpp"

namespace tessera {

/// Lists of the pixels that electrons hit (HDF5 lists of variable length), expanded to counts as they are read: a pixel
/// counts how often it is listed. InputError for pixels beyond the frame, and for counts beyond the memory type.
std::unique_ptr<FrameReader> open_event_frames(const SourceDescription& source);

/// The same of one list for all patterns. Cost: a number of every pattern on each rank.
std::unique_ptr<FrameReader> open_event_runs(const SourceDescription& source);

}  // namespace tessera
