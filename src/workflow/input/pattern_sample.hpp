#pragma once

#include <span>

#include "io/sources/source.hpp"
#include "src/workflow/input/pattern_facts.hpp"

namespace tessera {

/// Up to 64 of the patterns `used` (flat scan indices), as pairs of neighbours spread over all of them, with their axes
/// as (ky, kx) however they are stored. Serial. Reads
/// and decompresses at most about 1 GiB and holds at most 128 MiB: fewer patterns where these are large or share large
/// chunks, and none where one chunk's group alone is more.
PatternSample read_sample(const SourceDescription& source, std::span<const Index> used);

}  // namespace tessera
