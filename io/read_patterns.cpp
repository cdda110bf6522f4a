#include "io/read_patterns.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "io/read_plan.hpp"
#include "io/sources/event_frames.hpp"
#include "io/sources/look.hpp"
#include "src/parallel/halt.hpp"

namespace tessera {

namespace {

/// This rank's part of one read.
struct Share {
  std::vector<WantedPattern> wanted;  ///< in the order of the file
  std::vector<int> owner = {};        ///< [pattern], empty when this rank reads for itself alone
  std::vector<Index> groups = {};     ///< that this rank reads, in the order of the file
  std::vector<Box> blocks = {};       ///< the same in pieces
  std::vector<Index> owed = {};       ///< [rank] patterns that this rank sends
  Index n_foreign = 0;                ///< patterns that come from other ranks
  Index n_all = 0;                    ///< patterns that all ranks want
  Index block_bytes = 0;              ///< of the largest block

  /// While one is on its way to other ranks, the next is read.
  std::size_t buffers() const { return owner.empty() ? 1 : 2; }
};

std::vector<WantedPattern> in_file_order(std::span<const Index> indices, Index n_patterns) {
  std::vector<WantedPattern> wanted;
  wanted.reserve(indices.size());
  for (const Index index : indices) {
    TESSERA_ASSERT(index >= 0 && index < n_patterns, index, n_patterns);
    wanted.push_back({index, static_cast<Index>(wanted.size())});
  }
  std::ranges::sort(wanted);
  for (std::size_t i = 1; i < wanted.size(); ++i)
    TESSERA_ASSERT(wanted[i].pattern != wanted[i - 1].pattern, wanted[i].pattern);
  return wanted;
}

/// Every group in which this rank needs something is its own to read.
void plan_alone(const PatternLayout& layout, Share& share) {
  for (const WantedPattern& wanted : share.wanted) share.groups.push_back(layout.group_of(wanted.pattern));
  std::ranges::sort(share.groups);
  share.groups.erase(std::unique(share.groups.begin(), share.groups.end()), share.groups.end());
}

/// Groups are dealt to those who need them.
void plan_together(const Comm& comm, const PatternLayout& layout, Share& share) {
  const std::vector<int> reader = group_readers(layout, share.owner, comm.size());
  share.owed.assign(static_cast<std::size_t>(comm.size()), 0);
  for (Index group = 0; group < layout.n_groups(); ++group)
    if (reader[static_cast<std::size_t>(group)] == comm.rank()) share.groups.push_back(group);
  for (Index pattern = 0; pattern < layout.n_patterns(); ++pattern) {
    const int who = share.owner[static_cast<std::size_t>(pattern)];
    if (who < 0) continue;
    const int from = reader[static_cast<std::size_t>(layout.group_of(pattern))];
    if (who == comm.rank() && from != comm.rank()) ++share.n_foreign;
    if (who != comm.rank() && from == comm.rank()) ++share.owed[static_cast<std::size_t>(who)];
  }
}

/// Who reads what of the patterns that this rank and the others want (collective).
Share plan(const Comm& comm, const SourceDescription& source, std::span<const Index> positions) {
  const PatternLayout& layout = source.layout;
  Share share;
  std::vector<Index> indices;
  comm.agree([&] {
    for (const Index position : positions) indices.push_back(source.map.frame_of(position));
    share.wanted = in_file_order(indices, layout.n_patterns());
  });
  share.n_all = comm.sum(static_cast<Index>(indices.size()));
  const bool together = layout.chunked() && comm.size() > 1;
  if (together) share.owner = pattern_owners(comm, indices, layout.n_patterns());
  comm.agree([&] {
    together ? plan_together(comm, layout, share) : plan_alone(layout, share);
    share.blocks = read_blocks(layout, share.groups);
    for (const Box& block : share.blocks)
      share.block_bytes = std::max(share.block_bytes, block.count() * layout.pattern_bytes());
  });
  return share;
}

/// What a read holds on this rank: its lists, the blocks, one arriving message, and HDF5's chunks: those it keeps, and
/// the one that is being made while those of the group before are still kept.
std::size_t held(const SourceDescription& source, const Share& share) {
  const PatternLayout& layout = source.layout;
  constexpr Index hdf5_own_bytes = Index{4} << 20;  // conversion and sieve buffers, the index of the chunks
  const bool together = !share.owner.empty();
  const Index lists = static_cast<Index>(share.wanted.size() * sizeof(WantedPattern) +
                                         share.groups.size() * sizeof(Index) + share.blocks.size() * sizeof(Box)) +
                      (together ? layout.n_patterns() * 4 + layout.n_groups() * 4 + share.n_all * 8 : 0);
  const Index buffers = share.block_bytes * static_cast<Index>(share.buffers());
  const Index arriving = share.n_foreign > 0 ? std::max(read_block_bytes, layout.pattern_bytes()) : 0;
  const Index kept = chunk_cache_bytes(layout);
  const bool one_more = kept == 0 || share.groups.size() > 1;
  const Index chunks =
      share.blocks.empty() ? 0 : kept + layout.filter_bytes + (one_more ? layout.chunk_file_bytes() : 0);
  const Index events = source.kind == FrameKind::events ? held_of_events(layout.n_patterns()) : 0;
  return static_cast<std::size_t>(lists + events + buffers + arriving + chunks + 8 * layout.cache_slots() +
                                  hdf5_own_bytes);
}

/// Whether nobody wants the read to end before `next`; what `check` throws is that pattern's error.
bool goes_on(const ReadCheck& check, Index next, ChunkExchange& exchange, Halt& halt) {
  try {
    if (check) check();
  } catch (...) {
    exchange.note(next, std::current_exception());
    halt.ask();
    return false;
  }
  return !halt.asked();
}

/// Until all ranks have read their blocks and this one has everything: an end that it asks for meanwhile is the
/// others'.
void wait_for_all(const PatternLayout& layout, const ReadCheck& check, ChunkExchange& exchange, Halt& halt) {
  halt.done();
  bool going = true;
  while (!halt.over() || exchange.awaits()) {
    exchange.poll();
    if (going && !halt.over()) going = goes_on(check, layout.n_patterns(), exchange, halt);
    std::this_thread::yield();
  }
  exchange.finish();
}

/// Reads block after block; while one is on its way to other ranks, the next is read.
void read_in_order(FrameReader* file, const PatternLayout& layout, const Share& share, const ReadCheck& check,
                   ChunkExchange& exchange, std::span<ChunkExchange::Outgoing> buffers, Halt& halt) {
  std::vector<Index> owed = share.owed;
  std::size_t turn = 0;
  for (const Box& block : share.blocks) {
    ChunkExchange::Outgoing& out = buffers[turn++ % buffers.size()];
    exchange.wait(out);
    const Index next = block.y0 * layout.columns() + block.x0;
    bool going = goes_on(check, next, exchange, halt);
    try {
      if (going) file->read_box(block, out.data.data());
    } catch (...) {
      exchange.note(next, std::current_exception());
      going = false;
    }
    if (!going) {
      exchange.give_up(owed);
      break;
    }
    exchange.deliver(block, out);
    for (Index i = 0; i < block.count() && !owed.empty(); ++i) {
      const int who = share.owner[static_cast<std::size_t>((block.y0 + i / block.width()) * layout.columns() +
                                                           block.x0 + i % block.width())];
      if (who >= 0) --owed[static_cast<std::size_t>(who)];
    }
    exchange.poll();
  }
  wait_for_all(layout, check, exchange, halt);
  for (ChunkExchange::Outgoing& out : buffers) exchange.wait(out);
}

}  // namespace

PatternReader::PatternReader(const Comm& comm, SourceDescription source) : comm_(comm), source_(std::move(source)) {}

PatternReader::PatternReader(const Comm& comm, const std::string& file, const std::string& dataset, PatternAxes axes)
    : comm_(comm) {
  // One rank asks the file system: metadata reads by thousands of ranks are what kills start-up.
  std::string text;
  comm_.agree([&] {
    if (comm_.is_root()) text = source_text(look_at({.file = file, .dataset = dataset}, axes).description);
  });
  comm_.broadcast(text);
  source_ = source_from_text(text);
}

PatternReader::~PatternReader() = default;

std::size_t PatternReader::foretell_bytes(std::span<const Index> indices) const {
  return held(source_, plan(comm_, source_, indices));
}

void PatternReader::read(std::span<const Index> indices, const PatternSink& take, const ReadCheck& check) {
  const PatternLayout& layout = source_.layout;
  const Share share = plan(comm_, source_, indices);
  std::optional<ChunkExchange> exchange;
  std::vector<ChunkExchange::Outgoing> buffers(share.buffers());
  comm_.agree([&] {
    for (auto& buffer : buffers) buffer.data.resize(static_cast<std::size_t>(share.block_bytes));
    if (!share.blocks.empty() && !frames_) frames_ = open_frames(source_, chunk_cache_bytes(layout));
    exchange.emplace(comm_, share.wanted, share.owner, layout.columns(), layout.pattern_bytes(), share.n_foreign,
                     read_block_bytes, take);
    held_bytes_ = std::max(held_bytes_, held(source_, share));
  });
  Halt halt(comm_);
  read_in_order(frames_.get(), layout, share, check, *exchange, buffers, halt);
  comm_.agree([&] { exchange->rethrow(); });
  const Index n_groups = comm_.sum(static_cast<Index>(share.groups.size()));
  const Index n_blocks = comm_.sum(static_cast<Index>(share.blocks.size()));
  cost_.asked += static_cast<double>(share.n_all) * static_cast<double>(layout.pattern_bytes());
  cost_.once += static_cast<double>(n_groups) * static_cast<double>(layout.group_bytes());
  cost_.read += decompressed_bytes(layout, n_groups, n_blocks);
}

}  // namespace tessera
