#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/dataset.hpp"
#include "src/parallel/comm.hpp"

namespace tessera {

struct PatternLayout;

/// Reads measured patterns from a dataset (N, ky, kx) or (Ry, Rx, ky, kx), each rank its own. Contiguous datasets are
/// read by whom they concern, in runs; of chunked ones each chunk is read (and decompressed) by one rank, which sends
/// the patterns to whoever needs them.
class PatternReader {
 public:
  /// Collective; the same InputError on all ranks when the dataset is missing or cannot be patterns. `comm` must
  /// outlive the reader.
  PatternReader(const Comm& comm, std::string file, std::string dataset);
  ~PatternReader();
  PatternReader(const PatternReader&) = delete;
  PatternReader& operator=(const PatternReader&) = delete;

  const DatasetInfo& info() const;
  /// u8, u16 and u32 are read as stored (in this machine's byte order), everything else as f32.
  StoredType memory_type() const;
  Index bytes_per_pixel() const { return bytes_of(memory_type()); }

  /// Reads the patterns `indices` (flat scan index, any order, none twice) of this rank into `out`, pattern after
  /// pattern in the order of `indices`, elements of memory_type(). Collective; failures are the same on all ranks.
  void read(std::span<const Index> indices, std::span<std::byte> out);

  /// Bytes that all ranks took from the file, over the bytes they asked for, in all reads up to now.
  double read_amplification() const;

 private:
  const Comm& comm_;
  std::string file_;
  std::string dataset_;
  std::unique_ptr<PatternLayout> layout_;
  double bytes_asked_ = 0;
  double bytes_read_ = 0;
};

}  // namespace tessera
