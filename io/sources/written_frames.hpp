#pragma once

#include "io/sources/source.hpp"
#include "io/written.hpp"

namespace tessera {

/// Throws InputError where a frame that the positions `scan` need (a part of the scan's axes) was never written.
/// Serial.
void require_frames(const SourceDescription& source, const Part& scan);

}  // namespace tessera
