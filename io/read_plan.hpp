#pragma once

#include <span>
#include <vector>

#include "io/pattern_layout.hpp"

namespace tessera {

// Who reads what of a dataset of patterns, and in which pieces: decisions only, no files and no messages.

/// Patterns on their way are held in blocks of this size (one pattern, where that is larger): small enough for the
/// processor's cache, large enough for a file system.
constexpr Index read_block_bytes = Index{4} << 20;
/// Groups of chunks up to this size stay decompressed while their patterns are read block by block.
constexpr Index largest_cached_group_bytes = Index{1} << 30;

/// What HDF5's chunk cache must hold so that no chunk is decompressed twice: nothing where a block holds whole groups,
/// otherwise one group. 0 also for groups above largest_cached_group_bytes, which are decompressed once per block.
Index chunk_cache_bytes(const PatternLayout& layout);

/// The most that a block of read_blocks holds [bytes]. Blocks of groups too large for the cache are as large as memory
/// allows, since each costs the whole group.
Index largest_block_bytes(const PatternLayout& layout);

/// The scan positions of these groups (in file order) as boxes in file order, neighbouring groups together as far as a
/// block holds them, large groups in several boxes.
std::vector<Box> read_blocks(const PatternLayout& layout, std::span<const Index> groups);

/// Bytes decompressed when `groups` are read in `n_blocks` blocks.
double decompressed_bytes(const PatternLayout& layout, Index n_groups, Index n_blocks);

/// The rank that reads each group, [group], -1 for those nobody needs: one of those who need it, so that a tile's
/// patterns come from its neighbourhood, and of those the one with the least to read. `owner` [pattern] is the rank
/// that needs it or -1. Cost on every rank: O(patterns in the dataset) time, 4 bytes a group.
std::vector<int> group_readers(const PatternLayout& layout, std::span<const int> owner, int n_ranks);

}  // namespace tessera
