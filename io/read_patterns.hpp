#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "io/chunk_exchange.hpp"
#include "io/dataset.hpp"
#include "io/sources/source.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

class FrameReader;

/// Bytes of all ranks and all reads of a reader.
struct ReadCost {
  double asked = 0;  ///< by the patterns that were needed
  double once = 0;   ///< in the chunks that hold them, each chunk once
  double read = 0;   ///< in what was read and decompressed

  double amplification() const { return asked > 0 ? read / asked : 1; }
};

/// Throws where reading is to end early.
using ReadCheck = std::function<void()>;

/// Reads measured patterns of any source, each rank its own, in the order of the file.
/// Frames that lie apart are read by whom they concern; of chunked datasets each chunk is read (and decompressed) by
/// one rank that needs it, which sends the patterns to the others that do. A source of blocks of patterns may call
/// `read` again and again; it then pays the chunks that two blocks share twice.
class PatternReader {
 public:
  /// Of a source that was looked at; every rank has the same. `comm` must outlive the reader.
  PatternReader(const Comm& comm, SourceDescription source);
  /// Of a dataset that root looks at (collective); the same InputError on all ranks when it is missing or cannot be
  /// patterns.
  PatternReader(const Comm& comm, const std::string& file, const std::string& dataset,
                PatternAxes axes = PatternAxes::pixels);
  ~PatternReader();
  PatternReader(const PatternReader&) = delete;
  PatternReader& operator=(const PatternReader&) = delete;

  const SourceDescription& source() const { return source_; }
  /// u8, u16 and u32 are read as stored (in this machine's byte order), everything else as f32.
  StoredType memory_type() const { return source_.layout.memory_type; }
  Index bytes_per_pixel() const { return bytes_of(memory_type()); }

  /// Reads the patterns `indices` (flat scan index, any order, each by one rank and once) of this rank and hands them
  /// to `take` as they come, elements of memory_type(). Collective; failures, those of `take` included, are the same
  /// on all ranks.
  /// `check` is called between two blocks, and while this rank waits for others; what it throws ends the read on every
  /// rank after the block that it is at.
  void read(std::span<const Index> indices, const PatternSink& take, const ReadCheck& check = {});
  /// held_bytes of a reader that has read them (collective). Nothing is read.
  std::size_t foretell_bytes(std::span<const Index> indices) const;

  const ReadCost& cost() const { return cost_; }
  /// What reading held on this rank at most, HDF5's share included and what `take` keeps left out. Independent of the
  /// number of patterns but for 16 bytes a pattern of this rank, where they are lists of electrons 16 bytes a pattern
  /// of the dataset, and, where chunks are shared by several ranks, 4 bytes a pattern of the dataset and 8 bytes a
  /// pattern of all ranks.
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  const Comm& comm_;
  SourceDescription source_;
  std::unique_ptr<FrameReader> frames_;  ///< open from the first read on
  ReadCost cost_;
  std::size_t held_bytes_ = 0;
};

}  // namespace tessera
