#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/event_lists.hpp"
#include "io/plain_writer.hpp"
#include "src/model/virtual_detectors.hpp"
#include "src/workflow/preprocess/compress.hpp"
#include "src/workflow/preprocess/event_round.hpp"
#include "src/workflow/preprocess/pattern_chain.hpp"

namespace tessera {

/// What is written in the place of each pattern.
struct WrittenForm {
  StoredType type = StoredType::f32;
  std::vector<Index> shape;                ///< (ky, kx), or (channel)
  const VirtualDetectors* sums = nullptr;  ///< null: pixels
  SumsLayout layout = SumsLayout::labels;  ///< of sums
  bool events = false;                     ///< lists of electrons in the place of pixels

  Index count() const;
  std::string dataset() const {
    if (events) return EventLists::pixels;
    return sums == nullptr ? "/data" : "/compressed/data";
  }
  /// Whether what is written are weighted sums, which may be negative.
  bool weighted() const { return sums != nullptr && layout != SumsLayout::labels; }
  /// The dataset or group that says which sums they are.
  std::string detectors() const;
};

/// The type that holds what a chain makes: integers where all is whole.
StoredType stored_type(const PreprocessInput& input, const PreprocessOptions& steps, bool keeps_integers, bool sums);

/// What the file says of itself, and what becomes of one that is there.
struct AboutFile {
  TextAttributes attributes;
  std::vector<PlainText> texts;  ///< root's
  Existing existing = Existing::keep;
};

/// The file: /data (Ry, Rx, Ky, Kx) or (N, Ky, Kx) with /mask (Ky, Kx), or /events with the same mask, or
/// /compressed/data (Ry, Rx, C) or (N, C) with /compressed/detector; /positions_A (N, 2); /provenance. All calls are
/// collective.
class PreprocessFile {
 public:
  PreprocessFile(const Comm& comm, const PreprocessOptions& steps, const PreprocessInput& input,
                 const PatternChain& chain, WrittenForm stored, const AboutFile& about);

  /// A round of this rank, into whose space `put` writes.
  void begin_round(const Stretch& round);
  /// One pattern; returns how much of its light was negative and became zero, as a sum.
  double put(Index position, std::span<const double> values);
  void end_round();
  void commit();

 private:
  /// Mask or sums.
  void write_detectors(const PatternChain& chain);
  void write_whole(const std::string& dataset, const std::vector<Index>& shape, const void* values);
  void end_round_of_events();
  std::size_t index_of(const std::string& dataset) const;

  const Comm& comm_;
  WrittenForm stored_;
  std::vector<Index> scan_;
  Stretch round_;
  std::vector<std::byte> block_;  ///< of a round, unless it is of events
  std::optional<EventRound> events_;
  std::vector<std::string> datasets_;  ///< as the writer counts them
  std::unique_ptr<PlainWriter> writer_;
};

/// The part [first, last) of a scan (N) or (Ry, Rx) as boxes: at most three, a part of a row, whole rows, a part of
/// one.
std::vector<LocalBlock> scan_blocks(const Stretch& part, std::span<const Index> scan, std::span<const Index> inner,
                                    const std::byte* data, Index bytes_each);

}  // namespace tessera
