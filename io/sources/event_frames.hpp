#pragma once

#include <memory>

#include "io/sources/frame_reader.hpp"

namespace tessera {

/// Lists of the pixels that electrons hit (HDF5 lists of variable length), expanded to counts as they are read: a pixel
/// counts how often it is listed. InputError for pixels beyond the frame, and for counts beyond the memory type.
std::unique_ptr<FrameReader> open_event_frames(const SourceDescription& source);

}  // namespace tessera
