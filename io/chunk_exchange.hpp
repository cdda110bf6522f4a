#pragma once

#include <span>

#include "io/pattern_file.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

/// Reads chunked patterns so that each chunk is decompressed by one rank: groups of chunks are dealt to the ranks in
/// turn, everybody tells the readers which patterns it needs, and they send them point to point. Collective; `indices`
/// and `out` as in PatternReader::read. Returns the bytes this rank decompressed.
double read_by_chunk(const Comm& comm, const PatternFile& file, const PatternLayout& layout,
                     std::span<const Index> indices, std::span<std::byte> out);

}  // namespace tessera
